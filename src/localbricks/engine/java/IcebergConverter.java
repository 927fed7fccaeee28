package org.apache.spark.sql.delta.icebergShaded;

import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.delta.CommittedTransaction;
import org.apache.spark.sql.delta.CurrentTransactionInfo;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.UniversalFormatConverter;
import scala.Option;
import scala.Tuple2;

/**
 * Writes no Iceberg metadata beside a Delta table that asks for it (UniForm).
 *
 * <p>Delta looks for a class of this name after each commit to such a table, and fails without. The table stays a Delta
 * table with all its properties, whose rules (column mapping, no deletion vectors) Delta checks itself.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class IcebergConverter extends UniversalFormatConverter {
  public void enqueueSnapshotForConversion(Snapshot snapshot, CommittedTransaction transaction) {}

  public Option convertSnapshot(Snapshot snapshot, CommittedTransaction transaction) {
    return Option.empty();
  }

  public Option convertSnapshot(Snapshot snapshot, CatalogTable table) {
    return Option.empty();
  }

  /** Where the metadata of a commit lies, for a catalog that commits the two together: Spark's own does not ask. */
  public Tuple2 convertUncommitedTxn(CurrentTransactionInfo commit, long version, DeltaLog log, CatalogTable table) {
    return new Tuple2("", Option.empty());
  }

  public Option loadLastDeltaVersionConverted(Snapshot snapshot, CatalogTable table) {
    return Option.empty();
  }
}
