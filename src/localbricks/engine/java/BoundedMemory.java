package localbricks.engine;

import java.util.concurrent.ConcurrentHashMap;

/**
 * What is remembered by a name or a text. Beyond a size everything is forgotten.
 *
 * <p>Compiled by Janino: no generics, no lambdas.
 */
final class BoundedMemory extends ConcurrentHashMap {
  private final int most;

  BoundedMemory(int most) {
    this.most = most;
  }

  public Object put(Object name, Object known) {
    if (size() >= most) {
      clear();
    }
    return super.put(name, known);
  }
}
