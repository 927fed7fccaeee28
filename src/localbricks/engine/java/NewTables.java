package localbricks.engine;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.CurrentTransactionInfo;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.OptimisticTransactionImpl;
import org.apache.spark.sql.delta.RecordChecksum;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.VersionChecksum;
import scala.Option;
import scala.Some;
import scala.collection.immutable.Nil$;
import scala.collection.immutable.Seq;
import scala.util.Either;
import scala.util.Left;
import scala.util.Right;

/**
 * What Delta notes beside a table's first version, without asking which files the table had before.
 *
 * <p>Delta adds what a commit does to what it noted of the version before. Before the first there is no note, so it looks for
 * the files of a table that is not there yet, by a Spark job in two stages.
 *
 * <p>Named as Delta's methods: `redirected.py` lets Delta's transaction call these. Compiled by Janino: no generics, no lambdas.
 */
public final class NewTables {
  private static final long NO_VERSION = -1;

  private NewTables() {}

  /** The same name, of what a transaction commits: it comes to the other one. */
  public static Option incrementallyDeriveChecksum$(
      OptimisticTransactionImpl transaction, long version, CurrentTransactionInfo info) {
    return OptimisticTransactionImpl.incrementallyDeriveChecksum$(transaction, version, info);
  }

  public static Either incrementallyDeriveChecksum$(
      RecordChecksum transaction,
      SparkSession session,
      DeltaLog log,
      long version,
      Seq actions,
      Option metadata,
      Option protocol,
      String operation,
      Option id,
      Either before,
      boolean withHistogram,
      boolean withFiles) {
    return RecordChecksum.incrementallyDeriveChecksum$(
        transaction,
        session,
        log,
        version,
        actions,
        metadata,
        protocol,
        operation,
        id,
        version == NO_VERSION + 1 && before instanceof Left ? noted(before) : before,
        withHistogram,
        withFiles);
  }

  /** The note of what was before, with no files in it, where that is nothing. */
  private static Either noted(Either before) {
    Snapshot snapshot = (Snapshot) ((Left) before).value();
    if (snapshot.version() != NO_VERSION) {
      return before;
    }
    VersionChecksum note = snapshot.computeChecksum();
    return new Right(
        note.copy(
            note.txnId(),
            note.tableSizeBytes(),
            note.numFiles(),
            note.numDeletedRecordsOpt(),
            note.numDeletionVectorsOpt(),
            1,
            1,
            note.inCommitTimestampOpt(),
            note.setTransactions(),
            note.domainMetadata(),
            note.metadata(),
            note.protocol(),
            note.histogramOpt(),
            note.deletedRecordCountsHistogramOpt(),
            new Some(Nil$.MODULE$)));
  }
}
