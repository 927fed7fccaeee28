package localbricks.engine;

import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.trees.TreePattern$;
import scala.PartialFunction;

/**
 * Looks through the expressions of operators, where they have what is looked for.
 *
 * <p>For each operator Spark looks through all parts of all expressions: in each round of the analyser for subqueries that
 * read what another part of the plan reads, and once for aggregates that are written in Scala. An operator knows of what
 * kinds it and those below it have an expression at all, and most rules ask first.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class Pruned {
  private Pruned() {}

  /** In the place of the operator's own method, for the rule that looks for subqueries. */
  public static QueryPlan transformExpressions(LogicalPlan plan, PartialFunction turn, Object rule) {
    return plan.containsPattern(TreePattern$.MODULE$.PLAN_EXPRESSION())
        ? (QueryPlan) (Object) plan.transformExpressions(turn)
        : plan;
  }

  /** In the place of the operator's own method, for the rule that looks for aggregates. */
  public static QueryPlan transformExpressionsUp(LogicalPlan plan, PartialFunction turn, Object rule) {
    return plan.containsPattern(TreePattern$.MODULE$.AGGREGATE_EXPRESSION())
        ? (QueryPlan) (Object) plan.transformExpressionsUp(turn)
        : plan;
  }
}
