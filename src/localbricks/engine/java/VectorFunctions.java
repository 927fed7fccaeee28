package org.apache.spark.sql.ml;

import org.apache.spark.sql.SparkSessionExtensionsProvider;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry$;
import org.apache.spark.sql.catalyst.analysis.SimpleFunctionRegistry;
import scala.Function1;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * In the place of Spark's own, which makes the functions between vectors and arrays when the first session is opened.
 *
 * <p>Spark asks Scala's reflection for their types, which takes half a second to wake up, and machine learning alone uses
 * them. Here Spark makes them when the first of them is called.
 *
 * <p>Our jar comes before Spark's on the class path for this. Compiled by Janino: no generics, no lambdas.
 */
public final class InternalFunctionRegistration extends AbstractFunction1 implements SparkSessionExtensionsProvider {
  private static final String[] NAMES = {"vector_to_array", "array_to_vector"};

  /** A class that puts the functions into the registry when it is made ready. */
  private static final String SPARKS = "org.apache.spark.sql.ml.InternalFunctionRegistration$";

  private static boolean done;

  public Object apply(Object extensions) {
    // Once: Spark's own may have taken their places.
    for (int each = 0; each < NAMES.length && !done; each++) {
      registry().createOrReplaceTempFunction(NAMES[each], new FirstCall(NAMES[each]), "internal");
    }
    done = true;
    return BoxedUnit.UNIT;
  }

  private static SimpleFunctionRegistry registry() {
    return FunctionRegistry$.MODULE$.internal();
  }

  /** Has Spark put its functions into the places of these, and calls the one that was asked for. */
  private static final class FirstCall extends AbstractFunction1 {
    private final String name;

    FirstCall(String name) {
      this.name = name;
    }

    public Object apply(Object arguments) {
      try {
        Class.forName(SPARKS);
      } catch (ClassNotFoundException error) {
        throw new IllegalStateException(error);
      }
      return ((Function1) registry().lookupFunctionBuilder(new FunctionIdentifier(name)).get()).apply(arguments);
    }
  }
}
