package localbricks.engine;

import io.delta.storage.LocalLogStore;
import java.io.IOException;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.V2WriteCommand;
import org.apache.spark.sql.classic.Dataset;

/**
 * Delta's log store for one JVM, which notes what the commit of an INSERT says of itself.
 *
 * <p>Databricks answers an INSERT with the number of rows. Spark answers nothing, and the table's history does not tell
 * which of the commits of two writers is whose.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class NotedCommits extends LocalLogStore {
  /** Of each thread that inserts: room for the first commit. Another may follow, as that of auto compaction. */
  private static final ThreadLocal ROOM = new ThreadLocal();

  public NotedCommits(Configuration configuration) {
    super(configuration);
  }

  /**
   * Run an INSERT.
   *
   * @return the `commitInfo` of its commit as JSON; empty where there was nothing to commit, null where the table is not
   *     one of Delta's.
   */
  public static String of(SparkSession session, String sql) {
    String[] room = new String[1];
    ROOM.set(room);
    try {
      Dataset frame = (Dataset) session.sql(sql);
      boolean isDelta = frame.queryExecution().analyzed() instanceof V2WriteCommand;
      return room[0] == null && isDelta ? "" : room[0];
    } finally {
      ROOM.remove();
    }
  }

  public void write(Path path, Iterator actions, Boolean overwrite, Configuration configuration) throws IOException {
    Watched watched = new Watched(actions);
    super.write(path, watched, overwrite, configuration);
    String[] room = (String[]) ROOM.get();
    if (room != null && room[0] == null) {
      room[0] = watched.info;
    }
  }

  /** The lines of a commit; the one about the commit itself is kept. */
  private static final class Watched implements Iterator {
    private final Iterator lines;
    private String info;

    private Watched(Iterator lines) {
      this.lines = lines;
    }

    public boolean hasNext() {
      return lines.hasNext();
    }

    public Object next() {
      Object line = lines.next();
      if (info == null && ((String) line).startsWith("{\"commitInfo\":")) {
        info = (String) line;
      }
      return line;
    }

    public void remove() {
      throw new UnsupportedOperationException();
    }
  }
}
