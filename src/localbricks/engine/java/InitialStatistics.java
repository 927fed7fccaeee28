package localbricks.engine;

import org.apache.spark.sql.catalyst.expressions.MutableProjection;
import org.apache.spark.sql.catalyst.expressions.MutableProjection$;
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateMutableProjection$;
import scala.collection.immutable.Seq;

/**
 * The statistics that each file written to a table begins with.
 *
 * <p>Delta compiles a class for them, for every list of columns, and runs it once a file. Where plans are interpreted
 * (`interpretation.py`) so is this.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class InitialStatistics {
  private InitialStatistics() {}

  /** In the place of a call of the compiler: Spark's choice between the compiler and the interpreter. */
  public static MutableProjection generate(
      GenerateMutableProjection$ compiler,
      Seq expressions,
      Seq input,
      boolean shared,
      Object tracker) {
    return MutableProjection$.MODULE$.create(expressions, input);
  }
}
