package localbricks.engine;

import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.classic.SparkSession;

/**
 * Settings of a session that change with what a statement reads, at once: each would be two calls from Python.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class PlanSettings {
  private PlanSettings() {}

  /**
   * Give settings another value, where they still have the one that they are expected to have.
   *
   * @param changes a line for each: its name, the value before and after, with tabs between
   */
  public static void change(SparkSession session, String changes) {
    RuntimeConfig settings = session.conf();
    String[] lines = changes.split("\n");
    for (int line = 0; line < lines.length; line++) {
      String[] parts = lines[line].split("\t");
      if (parts[1].equals(settings.get(parts[0]))) {
        settings.set(parts[0], parts[2]);
      }
    }
  }
}
