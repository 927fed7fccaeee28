package localbricks.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.QueryContext;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.catalyst.AliasIdentifier;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.analysis.MultiInstanceRelation;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.catalyst.expressions.In;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.Assignment;
import org.apache.spark.sql.catalyst.plans.logical.DeleteFromTable;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LeafNode;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MergeIntoTable;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.UpdateTable;
import org.apache.spark.sql.catalyst.plans.logical.View;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.catalyst.trees.TreeNode;
import org.apache.spark.sql.catalyst.trees.TreeNodeTag;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.Platform;
import scala.Function1;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.collection.mutable.Buffer;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractPartialFunction;

/**
 * Row filters and column masks inside Spark's analyzer, so that whoever reads a table by its name, through whichever
 * door, view, join or subquery, reads what its policies leave.
 *
 * <p>Compiled by Janino, which Spark brings: no generics, no lambdas. Nothing of this class may get into
 * a plan: the executors could not load it.
 */
public final class Governor {
  private static final String CATALOG = "spark_catalog";
  private static final TreeNodeTag TARGET = new TreeNodeTag("localbricks.target");
  private static final TreeNodeTag GUARDED = new TreeNodeTag("localbricks.guarded");

  /** Policies by `schema.table`; replaced as a whole. */
  private volatile Map policies = new HashMap();

  /** What reading a table by its name means. */
  private static final class Policy {
    /** The row filter over the table's columns, null for none. */
    String filter;

    /** The row filter without a call of a SQL function, as UPDATE, DELETE and MERGE take it, null where it cannot be. */
    String inlined;

    /** Why the name cannot be read at all, null where it can. */
    String refused;

    /** Masks by column in lower case. */
    Map masks = new HashMap();
  }

  /** Make the rules and the functions on groups known to every session that is opened from now on. */
  public void install(SparkSession root, String[] groups) {
    // Before Delta's own rules, which turn UPDATE, DELETE and MERGE into commands; an extension is added behind them.
    Buffer rules = Extensions.rules(root, "resolutionRuleBuilders");
    rules.prepend(new Builder(this, false));
    rules.prepend(new Builder(this, true));
    String[] names = {"is_account_group_member", "is_member"};
    for (int i = 0; i < names.length; i++) {
      // Among the built-in functions: what an extension brings counts as temporary, and no view or function may use it.
      ExpressionInfo info = new ExpressionInfo("localbricks", names[i]);
      FunctionRegistry.builtin()
          .registerFunction(FunctionIdentifier.apply(names[i]), info, new Membership(names[i], groups));
    }
  }

  /**
   * Replace all policies.
   *
   * @param rows four strings each: table, kind (filter, inlined, refused, mask), column, expression or words
   */
  public void publish(String[] rows) {
    Map found = new HashMap();
    for (int i = 0; i + 3 < rows.length; i += 4) {
      Policy policy = (Policy) found.get(rows[i]);
      if (policy == null) {
        policy = new Policy();
        found.put(rows[i], policy);
      }
      if ("filter".equals(rows[i + 1])) {
        policy.filter = rows[i + 3];
      } else if ("inlined".equals(rows[i + 1])) {
        policy.inlined = rows[i + 3];
      } else if ("refused".equals(rows[i + 1])) {
        policy.refused = rows[i + 3];
      } else {
        policy.masks.put(rows[i + 2], rows[i + 3]);
      }
    }
    policies = found;
  }

  private Policy policyOf(String schema, String table) {
    return (Policy) policies.get((schema + "." + table).toLowerCase(Locale.ROOT));
  }

  private static Expression parse(SparkSession session, String sql) {
    try {
      return session.sessionState().sqlParser().parseExpression(sql);
    } catch (ParseException error) {
      throw error("INTERNAL_ERROR", "XX000", "The policy `" + sql + "` cannot be parsed: " + error.getMessage());
    }
  }

  private static Seq seq(List items) {
    return CollectionConverters.asScala(items).toSeq();
  }

  private static List list(Seq items) {
    return CollectionConverters.asJava(items);
  }

  /** Builds one of the two rules for a session. */
  private static final class Builder extends AbstractFunction1 {
    private final Governor governor;
    private final boolean writes;

    Builder(Governor governor, boolean writes) {
      this.governor = governor;
      this.writes = writes;
    }

    public Object apply(Object session) {
      if (writes) {
        return new Writes(governor, (SparkSession) session);
      }
      return new Reads(governor, (SparkSession) session);
    }
  }

  /** is_account_group_member(group): a plain IN over the groups of the one user. */
  private static final class Membership extends AbstractFunction1 {
    private final String name;
    private final String[] groups;

    Membership(String name, String[] groups) {
      this.name = name;
      this.groups = groups;
    }

    public Object apply(Object arguments) {
      List given = list((Seq) arguments);
      if (given.size() != 1) {
        Map words = new HashMap();
        words.put("functionName", "`" + name + "`");
        words.put("expectedNum", "1");
        words.put("actualNum", String.valueOf(given.size()));
        words.put("docroot", "https://spark.apache.org/docs/latest");
        Platform.throwException(
            new AnalysisException(
                "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
                scala.collection.immutable.Map$.MODULE$.from(CollectionConverters.asScala(words))));
      }
      List literals = new ArrayList();
      for (int i = 0; i < groups.length; i++) {
        literals.add(Literal.create(groups[i], DataTypes.StringType));
      }
      return new In((Expression) given.get(0), seq(literals));
    }
  }

  /** A rule that goes down a plan, node by node, as soon as any table has policies. */
  private abstract static class PolicyRule extends Rule {
    protected final Governor governor;
    protected final SparkSession session;

    PolicyRule(Governor governor, SparkSession session) {
      this.governor = governor;
      this.session = session;
    }

    public TreeNode apply(TreeNode plan) {
      if (governor.policies.isEmpty()) {
        return plan;
      }
      return ((LogicalPlan) plan).resolveOperatorsDown(new Step(this));
    }

    /** What becomes of one node. */
    abstract LogicalPlan step(LogicalPlan plan);

    /** The policies of the relation under a name, null for none. */
    protected Policy policyOf(SubqueryAlias alias) {
      List qualifier = list(alias.identifier().qualifier());
      if (qualifier.size() != 2 || !CATALOG.equals(qualifier.get(0))) {
        return null;
      }
      return governor.policyOf((String) qualifier.get(1), alias.identifier().name());
    }
  }

  /** Filters and masks each relation that is read by its name. */
  private static final class Reads extends PolicyRule {
    Reads(Governor governor, SparkSession session) {
      super(governor, session);
    }

    LogicalPlan step(LogicalPlan plan) {
      if (isWrite(plan)) {
        // What is written to is not read through its policies: `Writes` has seen to it.
        LogicalPlan target = (LogicalPlan) plan.children().head();
        while (target instanceof SubqueryAlias) {
          target.setTagValue(TARGET, Boolean.TRUE);
          target = ((SubqueryAlias) target).child();
        }
        return plan;
      }
      if (!(plan instanceof SubqueryAlias) || plan.getTagValue(TARGET).isDefined()) {
        return plan;
      }
      SubqueryAlias alias = (SubqueryAlias) plan;
      Policy policy = policyOf(alias);
      if (policy == null) {
        return plan;
      }
      if (policy.refused != null && (alias.child() instanceof View || alias.child() instanceof LeafNode)) {
        throw refusal(policy.refused);
      }
      if (alias.child() instanceof LeafNode && alias.child() instanceof MultiInstanceRelation && alias.child().resolved()) {
        return governed(alias, policy);
      }
      return plan;
    }

    private LogicalPlan governed(SubqueryAlias alias, Policy policy) {
      LogicalPlan relation = alias.child();
      if (policy.masks.isEmpty()) {
        LogicalPlan filtered = new Filter(parse(session, policy.filter), hidden(relation));
        return new SubqueryAlias(alias.identifier(), filtered);
      }
      // The masked columns keep the identity of the table's, which other parts of the plan may refer to already; the
      // table below them gets a new one.
      LogicalPlan below = (LogicalPlan) ((MultiInstanceRelation) relation).newInstance();
      List outer = list(relation.output());
      List inner = list(below.output());
      LogicalPlan rows = hidden(below);
      if (policy.filter != null) {
        rows = new Filter(parse(session, policy.filter), rows);
      }
      List columns = new ArrayList();
      int masked = 0;
      for (int i = 0; i < outer.size(); i++) {
        Attribute seen = (Attribute) outer.get(i);
        Expression value = (Expression) inner.get(i);
        String mask = (String) policy.masks.get(seen.name().toLowerCase(Locale.ROOT));
        if (mask != null) {
          masked++;
          value = new Cast(parse(session, mask), seen.dataType(), Option.empty());
        }
        Seq none = seq(new ArrayList());
        columns.add(new Alias(value, seen.name(), seen.exprId(), none, Option.apply(seen.metadata()), none));
      }
      if (masked < policy.masks.size()) {
        // A column that is called otherwise now would be read as it is.
        throw error("QUERIED_TABLE_INCOMPATIBLE_WITH_COLUMN_MASK_POLICY.ARGUMENT_NOT_FOUND_IN_TARGET_TABLE", "428HD",
            "Unable to access the table " + alias.identifier() + " because a column mask is incompatible with its "
            + "schema: masked are " + policy.masks.keySet() + ", not all of which are there. Drop those masks.");
      }
      return new SubqueryAlias(alias.identifier(), new Project(seq(columns), rows));
    }

    /** A relation under a name that no policy has. */
    private static LogicalPlan hidden(LogicalPlan relation) {
      return new SubqueryAlias(AliasIdentifier.apply("__governed"), relation);
    }

    private static boolean isWrite(LogicalPlan plan) {
      String name = plan.getClass().getSimpleName();
      return plan instanceof MergeIntoTable
          || plan instanceof DeleteFromTable
          || plan instanceof UpdateTable
          || "DeltaMergeInto".equals(name)
          || "DeltaDelete".equals(name)
          || "DeltaUpdateTable".equals(name);
    }
  }

  /** Row filters of what UPDATE, DELETE and MERGE write to: a row that is not seen is not changed. */
  private static final class Writes extends PolicyRule {
    Writes(Governor governor, SparkSession session) {
      super(governor, session);
    }

    LogicalPlan step(LogicalPlan plan) {
      boolean isMerge = plan instanceof MergeIntoTable;
      if (!(isMerge || plan instanceof DeleteFromTable || plan instanceof UpdateTable)
          || plan.getTagValue(GUARDED).isDefined()) {
        return plan;
      }
      LogicalPlan target = (LogicalPlan) plan.children().head();
      SubqueryAlias named = null;
      while (target instanceof SubqueryAlias) {
        named = (SubqueryAlias) target;
        target = named.child();
      }
      if (named == null || !(target instanceof LeafNode) || !target.resolved()) {
        return plan;
      }
      Policy policy = policyOf(named);
      if (policy == null) {
        return plan;
      }
      refuseMasked(list(plan.expressions()), policy, (LogicalPlan) plan.children().head());
      LogicalPlan guarded = plan;
      if (policy.filter != null) {
        if (policy.inlined == null) {
          throw refusal("UPDATE, DELETE and MERGE on a table whose row filter is more than an expression. Found: "
              + policy.filter + ". Write to the table where the filter is not set, and set it behind that.");
        }
        guarded = guard(plan, (Expression) parse(session, policy.inlined).transform(new Columns(target)), isMerge);
      }
      guarded.setTagValue(GUARDED, Boolean.TRUE);
      return guarded;
    }

    private static LogicalPlan guard(LogicalPlan plan, Expression seen, boolean isMerge) {
      if (plan instanceof DeleteFromTable) {
        DeleteFromTable delete = (DeleteFromTable) plan;
        return delete.copy(delete.table(), new And(delete.condition(), seen));
      }
      if (!isMerge) {
        UpdateTable update = (UpdateTable) plan;
        Expression all = update.condition().isDefined() ? new And((Expression) update.condition().get(), seen) : seen;
        return update.copy(update.table(), update.assignments(), Option.apply(all));
      }
      MergeIntoTable merge = (MergeIntoTable) plan;
      if (!merge.notMatchedBySourceActions().isEmpty()) {
        throw refusal("MERGE … WHEN NOT MATCHED BY SOURCE into a table with a row filter. "
            + "Delete or update those rows in a statement of their own.");
      }
      return merge.copy(
          merge.targetTable(),
          merge.sourceTable(),
          new And(merge.mergeCondition(), seen),
          merge.matchedActions(),
          merge.notMatchedActions(),
          merge.notMatchedBySourceActions(),
          merge.withSchemaEvolution());
    }

    /** A masked column of the target in a condition or in a value would have to be read unmasked. */
    private static void refuseMasked(List expressions, Policy policy, LogicalPlan target) {
      for (int i = 0; i < expressions.size() && !policy.masks.isEmpty(); i++) {
        Expression expression = (Expression) expressions.get(i);
        List children = list(expression.children());
        if (expression instanceof Assignment) {
          // Only the value is read.
          children = children.subList(1, 2);
        }
        String column = null;
        if (expression instanceof Attribute && ((Attribute) expression).resolved()) {
          column = target.outputSet().contains((Attribute) expression) ? ((Attribute) expression).name() : null;
        } else if (expression instanceof UnresolvedAttribute) {
          Option found = target.resolve(((UnresolvedAttribute) expression).nameParts(), SQLConf.get().resolver());
          column = found.isDefined() ? ((NamedExpression) found.get()).name() : null;
        }
        if (column != null && policy.masks.containsKey(column.toLowerCase(Locale.ROOT))) {
          throw refusal("a masked column of the target in a condition or a value of UPDATE, DELETE or MERGE. Found: `"
              + column + "`. Use columns without a mask.");
        }
        refuseMasked(children, policy, target);
      }
    }

  }

  /** Columns of an expression as columns of a relation. */
  private static final class Columns extends AbstractPartialFunction {
    private final LogicalPlan relation;

    Columns(LogicalPlan relation) {
      this.relation = relation;
    }

    public boolean isDefinedAt(Object node) {
      return node instanceof UnresolvedAttribute;
    }

    public Object applyOrElse(Object node, Function1 otherwise) {
      if (!isDefinedAt(node)) {
        return otherwise.apply(node);
      }
      Option found = relation.resolve(((UnresolvedAttribute) node).nameParts(), SQLConf.get().resolver());
      return found.isDefined() ? found.get() : node;
    }
  }

  /** One rule as the function that Spark walks a plan with. */
  private static final class Step extends AbstractPartialFunction {
    private final PolicyRule rule;

    Step(PolicyRule rule) {
      this.rule = rule;
    }

    public boolean isDefinedAt(Object plan) {
      return true;
    }

    public Object applyOrElse(Object plan, Function1 otherwise) {
      return rule.step((LogicalPlan) plan);
    }
  }

  /** A refusal: words behind `localbricks does not support`, or `CLASS|SQLSTATE|words`. */
  private static RuntimeException refusal(String words) {
    String[] parts = words.split("\\|", 3);
    if (parts.length == 3) {
      return error(parts[0], parts[1], parts[2]);
    }
    return error("UNSUPPORTED_FEATURE.LOCALBRICKS", "0A000", "localbricks does not support " + words);
  }

  /** Raise an error of Spark's own kind, so that it reaches a client through either door with its class. */
  private static RuntimeException error(String errorClass, String sqlState, String text) {
    Platform.throwException(
        new AnalysisException(
            "[" + errorClass + "] " + text + " SQLSTATE: " + sqlState,
            Option.empty(),
            Option.empty(),
            Option.empty(),
            Option.apply(errorClass),
            scala.collection.immutable.Map$.MODULE$.empty(),
            new QueryContext[0],
            Option.empty(),
            Option.apply(sqlState)));
    return null;
  }
}
