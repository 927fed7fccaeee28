package localbricks.engine;

import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.schema.ImplicitMetadataOperation;
import scala.Option;
import scala.collection.immutable.Nil$;
import scala.collection.immutable.Seq;

/**
 * An overwrite of rows keeps what a table is clustered by.
 *
 * <p>Delta 4.3 takes INSERT OVERWRITE for the replacement of a table whose statement names no columns to cluster by, and
 * commits that there are none any more. On Databricks only a statement that creates or replaces the table, or ALTER TABLE,
 * changes them.
 *
 * <p>Named as Delta's method: `redirected.py` lets Delta's write call it. Compiled by Janino: no generics, no lambdas.
 */
public final class Overwrites {
  private static final String CREATES = "org.apache.spark.sql.delta.commands.CreateDeltaTableCommand";

  private Overwrites() {}

  public static Seq getNewDomainMetadata$(
      ImplicitMetadataOperation write,
      OptimisticTransaction transaction,
      boolean canUpdateMetadata,
      boolean isReplacing,
      Option clusterBy) {
    boolean onlyRows =
        isReplacing && clusterBy.isEmpty() && transaction.deltaLog().tableExists() && !isCreating();
    return onlyRows
        ? (Seq) (Object) Nil$.MODULE$
        : ImplicitMetadataOperation.getNewDomainMetadata$(write, transaction, canUpdateMetadata, isReplacing, clusterBy);
  }

  /** Whether this thread's write is part of a statement that creates or replaces a table. */
  private static boolean isCreating() {
    StackTraceElement[] frames = Thread.currentThread().getStackTrace();
    for (int i = 0; i < frames.length; i++) {
      if (frames[i].getClassName().startsWith(CREATES)) {
        return true;
      }
    }
    return false;
  }
}
