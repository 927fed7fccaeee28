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
  // From the beginning of a word alone: otherwise each letter of a word is one.
  private static final Pattern NAMED_QUERY = Pattern.compile("(?i)(?<![A-Za-z0-9_])(" + WORD + ")\\s+as\\s*\\(");

  private final SessionCatalog session;
  private final ExternalCatalog catalog;
  private final LinkedHashSet tables = new LinkedHashSet();
  private final HashSet seen = new HashSet();
  private final ArrayDeque texts = new ArrayDeque();

  private ReachedTables(SparkSession spark) {
    this.session = spark.sessionState().catalog();
    this.catalog = spark.sharedState().externalCatalog();
  }

  /** Their names, `schema.table` in lower case; null when that cannot be known. */
  public static String[] of(SparkSession spark, String statement) {
    ReachedTables reached = new ReachedTables(spark);
    try {
      return reached.follow(statement) ? (String[]) reached.tables.toArray(new String[0]) : null;
    } catch (Exception error) {
      // A table may go while it is looked at. If something is wrong, the statement itself says so.
      return null;
    }
  }

  private boolean follow(String statement) {
    texts.add(new String[] {statement, session.getCurrentDatabase()});
    while (!texts.isEmpty()) {
      String[] next = (String[]) texts.poll();
      HashSet queries = namedQueries(next[0]);
      Matcher reference = REFERENCE.matcher(next[0]);
      while (reference.find()) {
        String[] name = parts(reference.group(1));
        boolean known = name.length == 1 && queries.contains(name[0]);
        if (!known && !look(name, next[1])) {
          return false;
        }
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
        CatalogTable described = ((TemporaryViewRelation) view.get()).tableMeta();
        return !seen.add(table) || add(described.viewText(), session.getCurrentDatabase());
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

  private boolean add(Option text, String schema) {
    if (text.isDefined()) {
      texts.add(new String[] {(String) text.get(), schema});
    }
    return text.isDefined();
  }

  private static HashSet namedQueries(String text) {
    HashSet names = new HashSet();
    Matcher query = NAMED_QUERY.matcher(text);
    while (query.find()) {
      names.add(parts(query.group(1))[0]);
    }
    return names;
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
