package org.apache.spark.sql.catalyst.expressions;

import scala.collection.immutable.Seq;

/**
 * In the place of Spark's own, which makes interpreted projections of linked lists.
 *
 * <p>For each row such a projection asks its list for the first expression, the second and so on, each time from the list's
 * beginning: the time of a row grows with the square of the columns. Delta keeps three statistics of each column of each
 * row that it writes, so that they took a tenth of the time of statements that write small tables. The projection itself is
 * Spark's, of an indexed sequence.
 *
 * <p>Our jar comes before Spark's on the class path for this. Compiled by Janino: no generics, no lambdas.
 */
public final class InterpretedMutableProjection$ {
  public static final InterpretedMutableProjection$ MODULE$ = new InterpretedMutableProjection$();

  private InterpretedMutableProjection$() {}

  public MutableProjection createProjection(Seq expressions) {
    return new InterpretedMutableProjection(expressions.toVector());
  }
}
