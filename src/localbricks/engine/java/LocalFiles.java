package localbricks.engine;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * The local disk without a process for every question about it: where Hadoop's native library is absent, it starts `chmod` for
 * each new file and folder and `readlink` for each rename, a dozen processes for one commit of Delta's.
 *
 * <p>And without a second file of check sums beside each file, which no other file system of Hadoop's has: a local disk
 * has its own.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
public final class LocalFiles extends LocalFileSystem {
  public LocalFiles() {
    super(new Raw());
  }

  public void initialize(URI name, Configuration configuration) throws IOException {
    super.initialize(name, configuration);
    setWriteChecksum(false);
    setVerifyChecksum(false);
  }

  /** The disk itself. */
  private static final class Raw extends RawLocalFileSystem {
    public void setPermission(Path path, FsPermission permission) throws IOException {
      if (permission.getStickyBit()) {
        super.setPermission(path, permission);
        return;
      }
      String symbols =
          permission.getUserAction().SYMBOL + permission.getGroupAction().SYMBOL + permission.getOtherAction().SYMBOL;
      Files.setPosixFilePermissions(pathToFile(path).toPath(), PosixFilePermissions.fromString(symbols));
    }

    public FileStatus getFileLinkStatus(Path path) throws IOException {
      File file = pathToFile(path);
      return Files.isSymbolicLink(file.toPath()) ? super.getFileLinkStatus(path) : getFileStatus(path);
    }
  }

  /** The same for Hadoop's other interface to files, by which Delta writes its check sums. */
  public static final class Context extends DelegateToFileSystem {
    public Context(URI uri, Configuration configuration) throws IOException, URISyntaxException {
      super(uri, new Raw(), configuration, "file", false);
    }

    public boolean isValidName(String name) {
      return true;
    }
  }
}
