package localbricks.engine;

import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.SnapshotStateManager;
import org.apache.spark.sql.delta.VersionChecksum;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.stats.DataSkippingReaderBase;
import scala.collection.immutable.Seq;
import scala.runtime.AbstractFunction1;

/**
 * What Delta noted beside a version (its checksum file), in place of the Spark jobs that compute it from the log.
 *
 * <p>Delta computes a version's state for the files that an overwrite removes, for an application's last transaction and
 * for the size of a table in a plan: two jobs over generated code, of some 300 ms, for what stands in the file. Without a note
 * Delta's own methods answer.
 *
 * <p>Named as those methods: `redirected.py` lets Delta's Snapshot call these. Compiled by Janino: no generics, no lambdas.
 */
public final class NotedSnapshots {
  private NotedSnapshots() {}

  public static long sizeInBytes$(SnapshotStateManager state) {
    VersionChecksum note = note(state);
    return note == null ? SnapshotStateManager.sizeInBytes$(state) : note.tableSizeBytes();
  }

  public static long numOfFiles$(SnapshotStateManager state) {
    VersionChecksum note = note(state);
    return note == null ? SnapshotStateManager.numOfFiles$(state) : note.numFiles();
  }

  public static Seq setTransactions$(SnapshotStateManager state) {
    VersionChecksum note = note(state);
    return note == null || note.setTransactions().isEmpty()
        ? SnapshotStateManager.setTransactions$(state)
        : (Seq) note.setTransactions().get();
  }

  public static Seq domainMetadata$(SnapshotStateManager state) {
    VersionChecksum note = note(state);
    return note == null || note.domainMetadata().isEmpty()
        ? SnapshotStateManager.domainMetadata$(state)
        : (Seq) note.domainMetadata().get();
  }

  /** All files, with their statistics only where their rows are asked for. */
  public static Seq getAllFiles$(DataSkippingReaderBase reader, boolean keepNumRecords) {
    Seq files = files(note(reader));
    if (files == null) {
      return DataSkippingReaderBase.getAllFiles$(reader, keepNumRecords);
    }
    return keepNumRecords ? files : (Seq) files.map(new WithoutStatistics());
  }

  /** The note of a version that was committed, null where there is none. */
  static VersionChecksum note(Object state) {
    if (!(state instanceof Snapshot) || ((Snapshot) state).version() < 0) {
      return null;
    }
    Snapshot snapshot = (Snapshot) state;
    return snapshot.checksumOpt().isEmpty() ? null : (VersionChecksum) snapshot.checksumOpt().get();
  }

  /** All files of a note, null where it does not name them all. */
  static Seq files(VersionChecksum note) {
    if (note == null || note.allFiles().isEmpty()) {
      return null;
    }
    Seq files = (Seq) note.allFiles().get();
    return files.size() == note.numFiles() ? files : null;
  }

  /** A file as Delta's own method gives it. */
  private static final class WithoutStatistics extends AbstractFunction1 {
    public Object apply(Object file) {
      AddFile add = (AddFile) file;
      return add.copy(
          add.path(),
          add.partitionValues(),
          add.size(),
          add.modificationTime(),
          add.dataChange(),
          null,
          add.tags(),
          add.deletionVector(),
          add.baseRowId(),
          add.defaultRowCommitVersion(),
          add.clusteringProvider());
    }
  }
}
