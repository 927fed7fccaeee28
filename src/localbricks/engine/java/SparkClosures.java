package org.apache.spark.util;

/**
 * In the place of Spark's own, which looks through each function that is sent to a task.
 *
 * <p>Spark reads the bytes of the function's class, for fields to set to null and for a `return` that leaves a loop, and
 * serialises the function once to see whether it can be. That is for functions that somebody has typed into a Scala shell.
 * Here each function comes out of Spark's and Delta's jars, where there is nothing to find: it was a tenth of the time of
 * statements on small tables. A function that cannot be serialised still fails, when its task is sent.
 *
 * <p>Our jar comes before Spark's on the class path for this. Compiled by Janino: no generics, no lambdas.
 */
public final class SparkClosureCleaner$ {
  public static final SparkClosureCleaner$ MODULE$ = new SparkClosureCleaner$();

  private SparkClosureCleaner$() {}

  public void clean(Object function, boolean checkSerializable, boolean cleanTransitively) {}

  public boolean clean$default$2() {
    return true;
  }

  public boolean clean$default$3() {
    return true;
  }
}
