package localbricks.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Tables and views of a schema as the catalog has them, told as JSON: read part by part from Python they would be dozens
 * of calls each.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class CatalogFacts {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final CatalogTable[] tables;

  private CatalogFacts(CatalogTable[] tables) {
    this.tables = tables;
  }

  /**
   * What a schema has; nothing where there is no such schema.
   *
   * @param names a JSON array of names in lower case, null for all
   */
  public static CatalogFacts of(ExternalCatalog catalog, String schema, String names) throws IOException {
    if (!catalog.databaseExists(schema)) {
      return new CatalogFacts(new CatalogTable[0]);
    }
    Seq listed = catalog.listTables(schema);
    if (names != null) {
      listed = chosen(listed, names);
    }
    Seq found = listed.isEmpty() ? listed : catalog.getTablesByName(schema, listed);
    CatalogTable[] tables = new CatalogTable[found.size()];
    Iterator left = found.iterator();
    for (int place = 0; left.hasNext(); place++) {
      tables[place] = (CatalogTable) left.next();
    }
    return new CatalogFacts(tables);
  }

  /** The names of all schemas as an array. */
  public static String schemas(ExternalCatalog catalog) {
    return array(catalog.listDatabases()).toString();
  }

  /** An array with what is asked first of each. */
  public String all() {
    ArrayNode found = JSON.createArrayNode();
    for (int place = 0; place < this.tables.length; place++) {
      CatalogTable table = this.tables[place];
      ObjectNode one = found.addObject();
      one.put("schema", table.database());
      one.put("name", table.identifier().table());
      one.put("kind", table.tableType().name());
      one.put("provider", text(table.provider()));
      one.put("location", text(table.storage().locationUri()));
      one.put("created", table.createTime());
      one.put("created_by", table.createVersion());
    }
    return found.toString();
  }

  /** The one at a place as the metastore has it. */
  public String stored(int place) {
    CatalogTable table = this.tables[place];
    Map properties = CollectionConverters.asJava((scala.collection.Map) table.properties());
    ArrayNode partitions = array(table.partitionColumnNames());
    return told(table.schema(), text(table.comment()), text(table.viewText()), partitions, properties);
  }

  /** The one at a place as its own log has it; its partitions are those of the metastore, where that has some. */
  public String loaded(int place, TableCatalog catalog) throws Exception {
    CatalogTable stored = this.tables[place];
    Table table = catalog.loadTable(Identifier.of(new String[] {stored.database()}, stored.identifier().table()));
    ArrayNode partitions = array(stored.partitionColumnNames());
    if (partitions.size() == 0) {
      Transform[] parts = table.partitioning();
      for (int part = 0; part < parts.length; part++) {
        if ("identity".equals(parts[part].name())) {
          partitions.add(parts[part].describe());
        }
      }
    }
    Map properties = table.properties();
    return told(table.schema(), (String) properties.get("comment"), null, partitions, properties);
  }

  private static String told(
      StructType columns, String comment, String viewText, ArrayNode partitions, Map properties) {
    ObjectNode found = JSON.createObjectNode();
    found.put("columns", columns.json());
    found.put("comment", comment);
    found.put("view_text", viewText);
    found.set("partitions", partitions);
    found.set("properties", (JsonNode) JSON.valueToTree(properties));
    return found.toString();
  }

  private static Seq chosen(Seq listed, String names) throws IOException {
    HashSet wanted = new HashSet();
    JsonNode given = JSON.readTree(names);
    for (int place = 0; place < given.size(); place++) {
      wanted.add(((JsonNode) given.get(place)).textValue());
    }
    List found = new ArrayList();
    Iterator left = listed.iterator();
    while (left.hasNext()) {
      String name = (String) left.next();
      if (wanted.contains(name.toLowerCase(Locale.ROOT))) {
        found.add(name);
      }
    }
    return CollectionConverters.asScala(found).toSeq();
  }

  private static ArrayNode array(Seq names) {
    ArrayNode found = JSON.createArrayNode();
    Iterator left = names.iterator();
    while (left.hasNext()) {
      found.add((String) left.next());
    }
    return found;
  }

  private static String text(Option value) {
    return value.isDefined() ? value.get().toString() : null;
  }
}
