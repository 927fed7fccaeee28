package localbricks.engine;

import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.WritableUtils;

/**
 * Hadoop's settings on their way to a task, without the names of the files that each setting comes from.
 *
 * <p>Hadoop compresses the list of files for every one of some three hundred settings, once for each scan and each write,
 * and each task expands them again. Nobody asks a task for them. The form is Hadoop's, which reads it as it is.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class TaskSettings {
  private static final int NO_FILES = -1;

  private TaskSettings() {}

  /** In the place of the settings' own method. */
  public static void write(Configuration settings, DataOutput out, Object holder) throws IOException {
    List all = new ArrayList();
    for (Iterator each = settings.iterator(); each.hasNext(); ) {
      all.add(each.next());
    }
    WritableUtils.writeVInt(out, all.size());
    for (Iterator each = all.iterator(); each.hasNext(); ) {
      Map.Entry setting = (Map.Entry) each.next();
      Text.writeString(out, (String) setting.getKey());
      Text.writeString(out, (String) setting.getValue());
      out.writeInt(NO_FILES);
    }
  }
}
