package localbricks.engine;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.catalyst.catalog.CatalogDatabase;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogWithListener;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.hive.HiveExternalCatalog;
import org.apache.spark.sql.hive.client.HiveClient;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Hive's catalog, which remembers the schemas and tables that it has read.
 *
 * <p>Spark asks it for a schema, for a table's existence and for the table, each time it meets the name in a statement, in
 * a view, or in a view's view. Each question is a query of the metastore's database, all of them take turns, and together
 * they are some 25 ms. The metastore is this process's alone, so what was read stays true until this class changes it.
 *
 * <p>That one is missing is remembered too: clients open sessions in a schema that they are about to create, and before a
 * table is made Spark and Delta ask for it several times. A read and a change of the memory hold the lock under which Hive's catalog works, so that what
 * is remembered is never older than the last change. A change forgets at its end, also when it fails, because Hive's catalog
 * may read what it is about to change. Partitions are no part of what is remembered.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class RememberedCatalog extends HiveExternalCatalog {
  /** More than a workspace of this size has. */
  private static final int MOST = 20000;

  /** In the place of a schema or a table that is missing. */
  private static final Object MISSING = new Object();

  private final HiveExternalCatalog first;
  private final BoundedMemory schemas = new BoundedMemory(MOST);
  private final BoundedMemory tables = new BoundedMemory(MOST);

  private RememberedCatalog(HiveExternalCatalog first, SparkConf conf, Configuration hadoop) {
    super(conf, hadoop);
    this.first = first;
  }

  /** Put it into the place of Hive's own, for every session. */
  public static void install(SparkSession root) {
    ExternalCatalogWithListener shared = root.sharedState().externalCatalog();
    HiveExternalCatalog hive = (HiveExternalCatalog) shared.unwrapped();
    SparkConf conf = root.sparkContext().conf();
    try {
      Field delegate = ExternalCatalogWithListener.class.getDeclaredField("delegate");
      delegate.setAccessible(true);
      delegate.set(shared, new RememberedCatalog(hive, conf, root.sparkContext().hadoopConfiguration()));
    } catch (NoSuchFieldException error) {
      throw new IllegalStateException(error);
    } catch (IllegalAccessException error) {
      throw new IllegalStateException(error);
    }
  }

  public HiveClient client() {
    return first.client();
  }

  public CatalogDatabase getDatabase(String schema) {
    String name = lower(schema);
    Object known = schemas.get(name);
    if (known == null || known == MISSING) {
      synchronized (this) {
        known = super.getDatabase(schema);
        schemas.put(name, known);
      }
    }
    return (CatalogDatabase) known;
  }

  public boolean databaseExists(String schema) {
    String name = lower(schema);
    Object known = schemas.get(name);
    if (known != null) {
      return known != MISSING;
    }
    synchronized (this) {
      boolean exists = super.databaseExists(schema);
      if (exists) {
        getDatabase(schema);
      } else {
        schemas.put(name, MISSING);
      }
      return exists;
    }
  }

  public CatalogTable getTable(String schema, String table) {
    String name = name(schema, table);
    Object known = tables.get(name);
    if (known == null || known == MISSING) {
      synchronized (this) {
        known = super.getTable(schema, table);
        tables.put(name, known);
      }
    }
    return (CatalogTable) known;
  }

  public Seq getTablesByName(String schema, Seq names) {
    List found = new ArrayList();
    List unknown = new ArrayList();
    for (Iterator each = names.iterator(); each.hasNext(); ) {
      String table = (String) each.next();
      Object known = tables.get(name(schema, table));
      if (known == null) {
        unknown.add(table);
      } else if (known != MISSING) {
        found.add(known);
      }
    }
    if (!unknown.isEmpty()) {
      synchronized (this) {
        for (Iterator read = super.getTablesByName(schema, sequence(unknown)).iterator(); read.hasNext(); ) {
          CatalogTable table = (CatalogTable) read.next();
          tables.put(name(schema, table.identifier().table()), table);
          found.add(table);
        }
      }
    }
    return sequence(found);
  }

  public boolean tableExists(String schema, String table) {
    String name = name(schema, table);
    Object known = tables.get(name);
    if (known != null) {
      return known != MISSING;
    }
    synchronized (this) {
      boolean exists = super.tableExists(schema, table);
      if (!exists) {
        tables.put(name, MISSING);
      }
      return exists;
    }
  }

  public synchronized void createDatabase(CatalogDatabase schema, boolean ignoreIfExists) {
    try {
      super.createDatabase(schema, ignoreIfExists);
    } finally {
      schemas.remove(lower(schema.name()));
    }
  }

  public synchronized void dropDatabase(String schema, boolean ignoreIfNotExists, boolean cascade) {
    try {
      super.dropDatabase(schema, ignoreIfNotExists, cascade);
    } finally {
      schemas.remove(lower(schema));
      tables.clear();
    }
  }

  public synchronized void alterDatabase(CatalogDatabase schema) {
    try {
      super.alterDatabase(schema);
    } finally {
      schemas.remove(lower(schema.name()));
    }
  }

  public synchronized void createTable(CatalogTable table, boolean ignoreIfExists) {
    try {
      super.createTable(table, ignoreIfExists);
    } finally {
      forget(table);
    }
  }

  public synchronized void dropTable(String schema, String table, boolean ignoreIfNotExists, boolean purge) {
    try {
      super.dropTable(schema, table, ignoreIfNotExists, purge);
    } finally {
      forget(schema, table);
    }
  }

  public synchronized void renameTable(String schema, String from, String to) {
    try {
      super.renameTable(schema, from, to);
    } finally {
      forget(schema, from);
      forget(schema, to);
    }
  }

  public synchronized void alterTable(CatalogTable table) {
    try {
      super.alterTable(table);
    } finally {
      forget(table);
    }
  }

  public synchronized void alterTableDataSchema(String schema, String table, StructType columns) {
    try {
      super.alterTableDataSchema(schema, table, columns);
    } finally {
      forget(schema, table);
    }
  }

  public synchronized void alterTableSchema(String schema, String table, StructType columns) {
    try {
      super.alterTableSchema(schema, table, columns);
    } finally {
      forget(schema, table);
    }
  }

  public synchronized void alterTableStats(String schema, String table, Option statistics) {
    try {
      super.alterTableStats(schema, table, statistics);
    } finally {
      forget(schema, table);
    }
  }

  public synchronized void loadTable(String schema, String table, String path, boolean overwrite, boolean local) {
    try {
      super.loadTable(schema, table, path, overwrite, local);
    } finally {
      forget(schema, table);
    }
  }

  private void forget(CatalogTable table) {
    forget(table.database(), table.identifier().table());
  }

  private void forget(String schema, String table) {
    tables.remove(name(schema, table));
  }

  private static Seq sequence(List items) {
    return CollectionConverters.asScala(items).toSeq();
  }

  private static String name(String schema, String table) {
    return lower(schema) + '.' + lower(table);
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
