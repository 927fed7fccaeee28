package localbricks.engine;

import java.lang.reflect.Field;
import org.apache.spark.sql.classic.SparkSession;
import scala.collection.mutable.Buffer;

/** The builders of rules that Spark's sessions are made with, by the names of SparkSessionExtensions' fields. */
final class Extensions {
  private Extensions() {}

  /** One list of builders. A rule that must come before Delta's is put first: what is injected comes behind. */
  static Buffer rules(SparkSession root, String name) {
    try {
      Field[] fields = root.extensions().getClass().getDeclaredFields();
      for (int i = 0; i < fields.length; i++) {
        if (fields[i].getName().endsWith(name)) {
          fields[i].setAccessible(true);
          return (Buffer) fields[i].get(root.extensions());
        }
      }
    } catch (IllegalAccessException error) {
      throw new IllegalStateException(error);
    }
    throw new IllegalStateException("Spark's extensions have no " + name);
  }
}
