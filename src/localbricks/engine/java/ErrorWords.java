package localbricks.engine;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ErrorClassesJsonReader;
import org.apache.spark.SparkThrowableHelper;
import org.apache.spark.sql.delta.DeltaThrowableHelper;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Texts of Delta's error classes, for Spark too.
 *
 * <p>Delta raises some of its classes by Spark's own exceptions, which know Spark's texts alone, and fail themselves for
 * want of one. What was to be told, such as the name that cannot be resolved, is lost with that.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class ErrorWords {
  private ErrorWords() {}

  /** Make Delta's texts known. */
  public static void install() {
    List urls = new ArrayList();
    urls.add(DeltaThrowableHelper.deltaErrorClassSource());
    Map all = words(new ErrorClassesJsonReader(CollectionConverters.asScala(urls).toSeq()));
    ErrorClassesJsonReader spark = SparkThrowableHelper.errorReader();
    all.putAll(words(spark));
    try {
      Field field = ErrorClassesJsonReader.class.getDeclaredField("errorInfoMap");
      field.setAccessible(true);
      field.set(spark, scala.collection.immutable.Map$.MODULE$.from(CollectionConverters.asScala(all)));
    } catch (NoSuchFieldException error) {
      throw new IllegalStateException(error);
    } catch (IllegalAccessException error) {
      throw new IllegalStateException(error);
    }
  }

  private static Map words(ErrorClassesJsonReader reader) {
    return new HashMap(CollectionConverters.asJava(reader.errorInfoMap()));
  }
}
