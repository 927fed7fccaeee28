package localbricks.engine;

import org.apache.spark.sql.catalyst.analysis.DeduplicateRelations$;
import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.trees.TreePattern$;
import scala.PartialFunction;

/**
 * Subqueries among a plan's expressions, looked for where there are some.
 *
 * <p>For each operator, in each round of the analyser, Spark looks through all parts of all expressions for subqueries that
 * read what another part of the plan reads. Each operator knows whether it or one below it has a subquery at all.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class Subqueries {
  private Subqueries() {}

  /** In the place of a call of the operator's. */
  public static QueryPlan transformExpressions(LogicalPlan plan, PartialFunction turn, DeduplicateRelations$ rule) {
    return plan.containsPattern(TreePattern$.MODULE$.PLAN_EXPRESSION())
        ? (QueryPlan) (Object) plan.transformExpressions(turn)
        : plan;
  }
}
