package localbricks.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.catalog.CatalogTableType;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalog;
import org.apache.spark.sql.catalyst.catalog.SessionCatalog;
import org.apache.spark.sql.catalyst.catalog.TemporaryViewRelation;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.classic.SparkSession;
import scala.Option;

/**
 * The tables that a statement reaches: those it names, and those that the views and temporary views it names reach.
 *
 * <p>Known from the texts alone, before Spark has analysed anything. It is an estimate, good enough to choose between two
 * ways of which both are right: a table after a comma in FROM is overlooked, a word in a comment may be taken for a name.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class ReachedTables {
  // Without a second look at its end: what may follow a name is no part of one.
  private static final String WORD = "(?:`[^`]++`|[A-Za-z_][A-Za-z0-9_]*+)";
  private static final Pattern REFERENCE =
      Pattern.compile(
          "(?i)\\b(?:from|join|into|update|using|overwrite|table|optimize)\\s+(?:table\\s+)?(" + WORD + "(?:\\s*\\.\\s*" + WORD + ")*)");
  private static final Pattern PART = Pattern.compile("`([^`]+)`|([A-Za-z_][A-Za-z0-9_]*)");
  // Its name stands before it: from there on, an expression would begin anew at every word of a text.
  private static final Pattern NAMED_QUERY = Pattern.compile("[aA][sS]\\s*+\\(");

  /** By the text of a stored view, what it names: statements reach the same views again and again. */
  private static final BoundedMemory NAMED_BY_VIEWS = new BoundedMemory(2000);

  private final SessionCatalog session;
  private final ExternalCatalog catalog;
  private final LinkedHashSet tables = new LinkedHashSet();
  private final HashSet seen = new HashSet();
  private final ArrayDeque texts = new ArrayDeque();

  private ReachedTables(SparkSession spark) {
    this.session = spark.sessionState().catalog();
    this.catalog = spark.sharedState().externalCatalog();
  }

  /** Their names, `schema.table` in lower case, a line each; null when that cannot be known. */
  public static String of(SparkSession spark, String statement) {
    ReachedTables reached = new ReachedTables(spark);
    try {
      return reached.follow(statement) ? String.join("\n", reached.tables) : null;
    } catch (Exception error) {
      // A table may go while it is looked at. If something is wrong, the statement itself says so.
      return null;
    }
  }

  private boolean follow(String statement) {
    String schema = session.getCurrentDatabase();
    boolean known = lookAll(named(statement), schema);
    while (known && !texts.isEmpty()) {
      String[] next = (String[]) texts.poll();
      known = lookAll(namedByView(next[0]), next[1]);
    }
    return known;
  }

  private boolean lookAll(String[][] names, String schemaOfText) {
    for (int i = 0; i < names.length; i++) {
      if (!look(names[i], schemaOfText)) {
        return false;
      }
    }
    return true;
  }

  /** Take in what one name stands for; false for a temporary view without a text. */
  private boolean look(String[] name, String schemaOfText) {
    String table = name[name.length - 1];
    if (name.length == 1) {
      Option view = session.getRawTempView(table);
      if (view.isDefined()) {
        TemporaryViewRelation relation = (TemporaryViewRelation) view.get();
        boolean isKnown = !seen.add(table) || hasRows(relation);
        return isKnown || add(relation.tableMeta().viewText(), session.getCurrentDatabase());
      }
    }
    String schema = name.length == 1 ? schemaOfText : name[name.length - 2];
    String full = schema + '.' + table;
    if (!seen.add(full) || !catalog.tableExists(schema, table)) {
      return true;
    }
    CatalogTable found = catalog.getTable(schema, table);
    if (found.tableType().equals(CatalogTableType.VIEW())) {
      return add(found.viewText(), schema);
    }
    tables.add(full);
    return true;
  }

  /** Whether a view is one of rows at hand (LocalRows): it reaches no table. */
  private static boolean hasRows(TemporaryViewRelation relation) {
    return relation.plan().isDefined() && relation.plan().get() instanceof LocalRelation;
  }

  private boolean add(Option text, String schema) {
    if (text.isDefined()) {
      texts.add(new String[] {(String) text.get(), schema});
    }
    return text.isDefined();
  }

  private static String[][] namedByView(String text) {
    Object known = NAMED_BY_VIEWS.get(text);
    if (known == null) {
      known = named(text);
      NAMED_BY_VIEWS.put(text, known);
    }
    return (String[][]) known;
  }

  /** The parts of each name of a table or view in a text; not those of its named queries. */
  private static String[][] named(String text) {
    HashSet queries = namedQueries(text);
    ArrayList names = new ArrayList();
    Matcher reference = REFERENCE.matcher(text);
    while (reference.find()) {
      String[] name = parts(reference.group(1));
      if (name.length > 1 || !queries.contains(name[0])) {
        names.add(name);
      }
    }
    return (String[][]) names.toArray(new String[0][]);
  }

  private static HashSet namedQueries(String text) {
    HashSet names = new HashSet();
    Matcher query = NAMED_QUERY.matcher(text);
    while (query.find()) {
      int end = query.start();
      while (end > 0 && Character.isWhitespace(text.charAt(end - 1))) {
        end--;
      }
      if (end > 0 && end < query.start()) {
        names.add(wordBefore(text, end));
      }
    }
    return names;
  }

  private static String wordBefore(String text, int end) {
    if (text.charAt(end - 1) == '`') {
      return text.substring(text.lastIndexOf('`', end - 2) + 1, end - 1).toLowerCase(Locale.ROOT);
    }
    int start = end;
    while (start > 0 && Character.isJavaIdentifierPart(text.charAt(start - 1))) {
      start--;
    }
    return text.substring(start, end).toLowerCase(Locale.ROOT);
  }

  private static String[] parts(String name) {
    ArrayList parts = new ArrayList();
    Matcher part = PART.matcher(name);
    while (part.find()) {
      parts.add((part.group(1) == null ? part.group(2) : part.group(1)).toLowerCase(Locale.ROOT));
    }
    return (String[]) parts.toArray(new String[0]);
  }
}
