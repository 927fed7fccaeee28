package localbricks.engine;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.catalyst.trees.TreeNode;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.CoalesceExec;
import org.apache.spark.sql.execution.ColumnarRule;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.exchange.ENSURE_REQUIREMENTS$;
import org.apache.spark.sql.execution.exchange.Exchange;
import org.apache.spark.sql.execution.exchange.ShuffleExchangeExec;
import org.apache.spark.sql.internal.SQLConf;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/**
 * A plan in one partition as one task, without shuffles.
 *
 * <p>Where small inputs are planned in one partition (`interpretation.py`), a shuffle's only work is to bring rows into it:
 * a stage, a task, a file and its reading, for what passing the rows on does. The operator that passes them on is Spark's
 * own. A shuffle that the plan has twice stays, so that Spark runs it once.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class OneTask extends ColumnarRule {
  /** Tasks are serialized by recursion: with some two hundred operators their stack is full. */
  private static final int DEEPEST = 100;

  private static final String CODE = "spark.sql.codegen.factoryMode";
  private static final String USUAL = "FALLBACK";
  private static final String INTERPRETED = "NO_CODEGEN";

  /** Make the rule known to every session that is opened from now on. */
  public static void install(SparkSession root) {
    Extensions.rules(root, "columnarRuleBuilders").append(new Builder());
  }

  public Rule preColumnarTransitions() {
    return new WithoutShuffles();
  }

  /** The plan with its shuffles turned. */
  private static final class WithoutShuffles extends Rule {
    public TreeNode apply(TreeNode plan) {
      if (!isOfSmallInputs(SQLConf.get())) {
        return plan;
      }
      Map seen = new HashMap();
      return depth((SparkPlan) plan, seen) > DEEPEST ? plan : new Turn(seen).turned((SparkPlan) plan);
    }

    /** Whether the session's settings are those of `interpretation.py`, and a client's own do not contradict. */
    private static boolean isOfSmallInputs(SQLConf conf) {
      return INTERPRETED.equals(conf.getConfString(CODE, USUAL))
          && conf.numShufflePartitions() == 1
          && !conf.adaptiveExecutionEnabled();
    }
  }

  /** How many operators lie below each other; counts the equal exchanges, those within an equal one once. */
  private static int depth(SparkPlan plan, Map seen) {
    if (plan instanceof Exchange) {
      SparkPlan canonical = (SparkPlan) (Object) plan.canonicalized();
      Integer count = (Integer) seen.get(canonical);
      seen.put(canonical, Integer.valueOf(count == null ? 1 : count.intValue() + 1));
      if (count != null) {
        return 0;
      }
    }
    int deepest = 0;
    Iterator children = plan.children().iterator();
    while (children.hasNext()) {
      deepest = Math.max(deepest, depth((SparkPlan) children.next(), seen));
    }
    return deepest + 1;
  }

  /** Turns shuffles, from the leaves up. */
  private static final class Turn extends AbstractFunction1 {
    private final Map seen;

    Turn(Map seen) {
      this.seen = seen;
    }

    public Object apply(Object plan) {
      return turned((SparkPlan) plan);
    }

    SparkPlan turned(SparkPlan plan) {
      SparkPlan result = (SparkPlan) (Object) plan.mapChildren(this);
      if (!(plan instanceof ShuffleExchangeExec) || !isNeedless((ShuffleExchangeExec) plan)) {
        return result;
      }
      SparkPlan child = ((ShuffleExchangeExec) result).child();
      return child.outputPartitioning().numPartitions() == 1 ? child : new CoalesceExec(1, child);
    }

    /** Whether a shuffle comes from Spark's planner, goes into one partition and is there once. */
    private boolean isNeedless(ShuffleExchangeExec shuffle) {
      // The shuffle's own count makes its tasks, and those of all below it.
      return shuffle.outputPartitioning().numPartitions() == 1
          && shuffle.shuffleOrigin() == ENSURE_REQUIREMENTS$.MODULE$
          && ((Integer) seen.get(shuffle.canonicalized())).intValue() == 1;
    }
  }

  /** Builds the rule for a session. */
  private static final class Builder extends AbstractFunction1 {
    public Object apply(Object session) {
      return new OneTask();
    }
  }
}
