package localbricks.engine;

import org.apache.spark.sql.catalyst.QueryPlanningTracker;
import org.apache.spark.sql.catalyst.analysis.NamedRelation;
import org.apache.spark.sql.catalyst.optimizer.Optimizer;
import org.apache.spark.sql.catalyst.plans.logical.AppendData;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation$;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.trees.TreeNode;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.execution.CommandExecutionMode$;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;

/**
 * Inserts whose query is optimised once.
 *
 * <p>Spark optimises an insert with its query. Where the table writes for itself, as Delta's do, it is then given the query
 * as it was analysed, and optimises it again; nothing is done with the first. So the insert is optimised with an empty
 * relation of the query's columns in its place, unless it is to be explained.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class PlannedOnce {
  private PlannedOnce() {}

  /** In the place of a call of the optimiser. */
  public static TreeNode executeAndTrack(
      Optimizer optimizer, TreeNode plan, QueryPlanningTracker tracker, Object execution) {
    boolean explained = ((QueryExecution) execution).mode().equals(CommandExecutionMode$.MODULE$.SKIP());
    TreeNode optimized = !explained && plan instanceof AppendData ? withoutQuery((AppendData) plan) : plan;
    return (TreeNode) (Object) optimizer.executeAndTrack((LogicalPlan) optimized, tracker);
  }

  private static LogicalPlan withoutQuery(AppendData insert) {
    if (!insert.analyzedQuery().isDefined() || !writesItself(insert.table())) {
      return insert;
    }
    LocalRelation columns = LocalRelation$.MODULE$.apply(insert.query().output());
    return insert.copy(
        insert.table(), columns, insert.writeOptions(), insert.isByName(), insert.write(), insert.analyzedQuery());
  }

  private static boolean writesItself(NamedRelation table) {
    return table instanceof DataSourceV2Relation
        && ((DataSourceV2Relation) table).table().capabilities().contains(TableCapability.V1_BATCH_WRITE);
  }
}
