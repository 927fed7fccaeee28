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
    if (generator instanceof Snapshot) {
      Seq files = filesOfSmall((Snapshot) generator);
      if (files != null) {
        return all((Snapshot) generator, files, filters);
      }
    }
    return super.filesForScan(generator, limit, filters, delta);
  }

  /** Count by the files' statistics, which is a job too, only where a table is large. */
  public LogicalPlan optimizeQueryWithMetadata(LogicalPlan plan) {
    Iterator leaves = plan.collectLeaves().iterator();
    while (leaves.hasNext()) {
      Snapshot snapshot = snapshot((LogicalPlan) leaves.next());
      if (snapshot != null && filesOfSmall(snapshot) == null) {
        return super.optimizeQueryWithMetadata(plan);
      }
    }
    return plan;
  }

  private static Snapshot snapshot(LogicalPlan leaf) {
    if (leaf instanceof LogicalRelation && ((LogicalRelation) leaf).relation() instanceof HadoopFsRelation) {
      FileIndex index = ((HadoopFsRelation) ((LogicalRelation) leaf).relation()).location();
      if (index instanceof TahoeLogFileIndex) {
        return ((TahoeLogFileIndex) index).getSnapshot();
      }
    }
    return null;
  }

  /** The files of a small table without partitions, as noted beside its version; null for any other table. */
  private static Seq filesOfSmall(Snapshot snapshot) {
    if (snapshot.checksumOpt().isEmpty()) {
      return null;
    }
    VersionChecksum checksum = (VersionChecksum) snapshot.checksumOpt().get();
    if (checksum.tableSizeBytes() > SMALL_BYTES
        || checksum.allFiles().isEmpty()
        || !snapshot.metadata().partitionColumns().isEmpty()) {
      return null;
    }
    Seq files = (Seq) checksum.allFiles().get();
    return files.size() == checksum.numFiles() ? files : null;
  }

  /** A scan of all files. The filters are named as used, so that nobody lists the files for them again. */
  private static DeltaScan all(Snapshot snapshot, Seq files, Seq filters) {
    Option none = Option.empty();
    // Not by sizeInBytesIfKnown, which may compute the snapshot, by a job.
    Option bytes = new Some(Long.valueOf(((VersionChecksum) snapshot.checksumOpt().get()).tableSizeBytes()));
    DataSize size = DataSize.apply(bytes, none, new Some(Long.valueOf(files.size())), none);
    ExpressionSet empty = ExpressionSet$.MODULE$.apply(Nil$.MODULE$);
    return DeltaScan.apply(
        snapshot.version(),
        files,
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
