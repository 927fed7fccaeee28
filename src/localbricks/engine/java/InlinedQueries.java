package localbricks.engine;

import org.apache.spark.sql.catalyst.analysis.DeduplicateRelations$;
import org.apache.spark.sql.catalyst.optimizer.InlineCTE;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * Named queries in the place of their names, without new columns where the plan is only looked at.
 *
 * <p>Before it checks a statement, Spark puts each named query in the place of its names, and gives each but one of the
 * copies columns of its own, so that the optimiser may join them. It does so for every view that the statement reads, and
 * for each view within it again: 6 % of a build's processor time. What is checked is thrown away: the copies stand under a
 * projection that names their columns anew, as Spark writes it, so that nothing above them sees columns twice.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class InlinedQueries {
  private InlinedQueries() {}

  /**
   * In the place of a call of the rule, in the class that puts the queries there.
   *
   * @param twice the query joined to itself, of which the caller takes the right side.
   * @param inlining the caller: only the check keeps queries that nothing names.
   */
  public static LogicalPlan apply(DeduplicateRelations$ rule, LogicalPlan twice, Object inlining) {
    return ((InlineCTE) inlining).keepDanglingRelations() ? twice : rule.apply(twice);
  }
}
