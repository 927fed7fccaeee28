package localbricks.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Temporary views of rows that are at hand. Of a statement that holds its rows as text, Spark would parse them twice, and
 * analyse what makes rows of them each time the view is read.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class LocalRows {
  private static final ObjectMapper JSON = new ObjectMapper();

  private LocalRows() {}

  /**
   * Make a view, in the place of one of its name.
   *
   * @param columns names and types: string, int, bigint, timestamp
   * @param rows a JSON list of lists of values; times as ISO 8601 has them, with their zone
   */
  public static void view(SparkSession session, String name, String columns, String rows) throws IOException {
    StructType schema = StructType.fromDDL(columns);
    StructField[] fields = schema.fields();
    JsonNode given = JSON.readTree(rows);
    ArrayList made = new ArrayList(given.size());
    for (int i = 0; i < given.size(); i++) {
      JsonNode row = (JsonNode) given.get(i);
      if (row.size() != fields.length) {
        throw new IllegalArgumentException("Found a row of " + row.size() + " values for " + columns);
      }
      Object[] values = new Object[fields.length];
      for (int j = 0; j < fields.length; j++) {
        values[j] = value(fields[j].dataType(), (JsonNode) row.get(j));
      }
      made.add(RowFactory.create(values));
    }
    session.createDataFrame(made, schema).createOrReplaceTempView(name);
  }

  private static Object value(DataType type, JsonNode given) {
    if (given.isNull()) {
      return null;
    }
    if (type.equals(DataTypes.IntegerType)) {
      return Integer.valueOf(given.intValue());
    }
    if (type.equals(DataTypes.LongType)) {
      return Long.valueOf(given.longValue());
    }
    if (type.equals(DataTypes.TimestampType)) {
      return OffsetDateTime.parse(given.textValue()).toInstant();
    }
    return given.asText();
  }
}
