package localbricks.engine;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.ExpressionSet;
import org.apache.spark.sql.catalyst.expressions.ExpressionSet$;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.VersionChecksum;
import org.apache.spark.sql.delta.files.TahoeLogFileIndex;
import org.apache.spark.sql.delta.stats.DataSize;
import org.apache.spark.sql.delta.stats.DeltaDataSkippingType;
import org.apache.spark.sql.delta.stats.DeltaScan;
import org.apache.spark.sql.delta.stats.DeltaScanGenerator;
import org.apache.spark.sql.delta.stats.PrepareDeltaScan;
import org.apache.spark.sql.execution.datasources.FileIndex;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import scala.Option;
import scala.Some;
import scala.collection.Iterator;
import scala.collection.immutable.Nil$;
import scala.collection.immutable.Seq;
import scala.collection.immutable.Set$;
import scala.runtime.AbstractFunction1;

/**
 * Delta's preparation of scans, without a Spark job for a small table's list of files.
 *
 * <p>Delta starts a job for every table of every statement, to filter the table's files by their statistics. For a table
 * of few small files that takes longer than reading them all, and Delta has noted them beside the version (its checksum
 * file). Everything else is left to Delta: partitioned tables, whose filters Spark does not apply again, scans inside a
 * transaction, which notes what it has read, and large tables.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class SmallTables extends PrepareDeltaScan {
  /** A table of more bytes is worth skipping files. */
  private static final long SMALL_BYTES = 16L * 1024 * 1024;

  public SmallTables(SparkSession session) {
    super(session);
  }

  /** Make the rule known, before Delta's own, to every session that is opened from now on. */
  public static void install(org.apache.spark.sql.classic.SparkSession root) {
    Extensions.rules(root, "preCBORules").prepend(new Builder());
  }

  public DeltaScan filesForScan(DeltaScanGenerator generator, Option limit, Seq filters, LogicalRelation delta) {
    VersionChecksum note = noteOfSmall(generator);
    return note == null
        ? super.filesForScan(generator, limit, filters, delta)
        : all((Snapshot) generator, note, filters);
  }

  /** Count by the files' statistics, which is a job too, only where a table is large. */
  public LogicalPlan optimizeQueryWithMetadata(LogicalPlan plan) {
    Iterator leaves = plan.collectLeaves().iterator();
    while (leaves.hasNext()) {
      TahoeLogFileIndex index = index((LogicalPlan) leaves.next());
      // Delta keeps what this gives for the scans to come: the log is listed once.
      if (index != null && noteOfSmall(getDeltaScanGenerator(index)) == null) {
        return super.optimizeQueryWithMetadata(plan);
      }
    }
    return plan;
  }

  private static TahoeLogFileIndex index(LogicalPlan leaf) {
    if (leaf instanceof LogicalRelation && ((LogicalRelation) leaf).relation() instanceof HadoopFsRelation) {
      FileIndex index = ((HadoopFsRelation) ((LogicalRelation) leaf).relation()).location();
      return index instanceof TahoeLogFileIndex ? (TahoeLogFileIndex) index : null;
    }
    return null;
  }

  /** What is noted beside the version of a small table without partitions, with all files; null for anything else. */
  private static VersionChecksum noteOfSmall(DeltaScanGenerator generator) {
    VersionChecksum note = NotedSnapshots.note(generator);
    boolean small =
        NotedSnapshots.files(note) != null
            && note.tableSizeBytes() <= SMALL_BYTES
            && ((Snapshot) generator).metadata().partitionColumns().isEmpty();
    return small ? note : null;
  }

  /** A scan of all files. The filters are named as used, so that nobody lists the files for them again. */
  private static DeltaScan all(Snapshot snapshot, VersionChecksum note, Seq filters) {
    Option none = Option.empty();
    Option bytes = new Some(Long.valueOf(note.tableSizeBytes()));
    DataSize size = DataSize.apply(bytes, none, new Some(Long.valueOf(note.numFiles())), none);
    ExpressionSet empty = ExpressionSet$.MODULE$.apply(Nil$.MODULE$);
    return DeltaScan.apply(
        snapshot.version(),
        NotedSnapshots.files(note),
        size,
        size,
        size,
        snapshot,
        empty,
        ExpressionSet$.MODULE$.apply(filters),
        empty,
        Set$.MODULE$.empty(),
        empty,
        0L,
        DeltaDataSkippingType.noSkippingV1());
  }

  /** Builds the rule for a session. */
  private static final class Builder extends AbstractFunction1 {
    public Object apply(Object session) {
      return new SmallTables((SparkSession) session);
    }
  }
}
