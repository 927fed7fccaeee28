package localbricks.engine;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.plans.logical.V2CreateTablePlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.catalyst.trees.TreeNode;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.connector.expressions.ClusterByTransform;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * `clusterBy` of a DataFrame's writers, for Delta.
 *
 * <p>Spark's writers ask for clustering with a class of Spark's; Delta 4.3 knows its own class alone, which its SQL parser
 * makes, and takes the other for partitioning by an expression.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class ClusterBy extends Rule {
  /** Make the rule known to every session that is opened from now on. */
  public static void install(SparkSession root) {
    // Behind Spark's check of the columns, which gives them their names as the table writes them.
    Extensions.rules(root, "postHocResolutionRuleBuilders").prepend(new Builder());
  }

  public TreeNode apply(TreeNode plan) {
    if (!(plan instanceof V2CreateTablePlan)) {
      return plan;
    }
    List asked = CollectionConverters.asJava(((V2CreateTablePlan) plan).partitioning());
    List understood = new ArrayList();
    for (int i = 0; i < asked.size(); i++) {
      understood.add(understood(asked.get(i)));
    }
    if (understood.equals(asked)) {
      return plan;
    }
    Seq transforms = CollectionConverters.asScala(understood).toSeq();
    return (TreeNode) (Object) ((V2CreateTablePlan) plan).withPartitioning(transforms);
  }

  private static Object understood(Object transform) {
    return transform instanceof ClusterByTransform
        ? new org.apache.spark.sql.delta.skipping.clustering.temp.ClusterByTransform(
            ((ClusterByTransform) transform).columnNames())
        : transform;
  }

  /** Builds the rule for a session. */
  private static final class Builder extends AbstractFunction1 {
    public Object apply(Object session) {
      return new ClusterBy();
    }
  }
}
