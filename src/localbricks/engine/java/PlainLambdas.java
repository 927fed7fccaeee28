package localbricks.engine;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.xbean.asm9.ClassReader;
import org.apache.xbean.asm9.ClassWriter;
import org.apache.xbean.asm9.Handle;
import org.apache.xbean.asm9.MethodVisitor;
import org.apache.xbean.asm9.Opcodes;
import org.apache.xbean.asm9.Type;
import org.apache.xbean.asm9.tree.AbstractInsnNode;
import org.apache.xbean.asm9.tree.ClassNode;
import org.apache.xbean.asm9.tree.InsnList;
import org.apache.xbean.asm9.tree.InvokeDynamicInsnNode;
import org.apache.xbean.asm9.tree.MethodInsnNode;
import org.apache.xbean.asm9.tree.MethodNode;

/**
 * A class's lambdas as classes that are compiled like any other, which the quick compiler makes fast code of.
 *
 * <p>Java makes a lambda that holds values by a method handle of its class's constructor, and that allocates by a call into
 * the virtual machine unless the optimising compiler has come to it. Spark's trees make several lambdas for each node that
 * is made, walked or changed.
 *
 * <p>A lambda stays as it is where it holds nothing, because Java makes that one once, and where its class would need more
 * than to call a static method with what it holds and what it is given: conversions of primitive values, say.
 *
 * <p>Used where our jar is made, with Spark's ASM. Compiled by Janino: no generics, no lambdas.
 */
public final class PlainLambdas implements Function {
  private static final String FACTORY = "java/lang/invoke/LambdaMetafactory";
  private static final int SERIALIZABLE = 1;
  private static final int BRIDGES = 4;

  /**
   * @param name a class of the class path, with slashes.
   * @return the class's bytes and those of its lambdas, by their names with slashes; only the class itself, unchanged, where
   *     it has no such lambda.
   */
  public Object apply(Object name) {
    ClassNode owner = read((String) name);
    Map classes = new LinkedHashMap();
    classes.put(name, null);
    for (Iterator methods = owner.methods.iterator(); methods.hasNext(); ) {
      turnCalls(owner, ((MethodNode) methods.next()).instructions, classes);
    }
    ClassWriter writer = new ClassWriter(0);
    owner.accept(writer);
    classes.put(name, writer.toByteArray());
    return classes;
  }

  private static ClassNode read(String name) {
    try {
      InputStream stream = ClassLoader.getSystemResourceAsStream(name + ".class");
      if (stream == null) {
        throw new IllegalArgumentException("Found no class " + name + " on the class path. Is it another Spark?");
      }
      try {
        ClassNode node = new ClassNode();
        new ClassReader(stream).accept(node, 0);
        return node;
      } finally {
        stream.close();
      }
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  private static void turnCalls(ClassNode owner, InsnList instructions, Map classes) {
    AbstractInsnNode[] all = instructions.toArray();
    for (int i = 0; i < all.length; i++) {
      if (all[i] instanceof InvokeDynamicInsnNode) {
        InvokeDynamicInsnNode made = (InvokeDynamicInsnNode) all[i];
        if (isPlain(owner, made)) {
          String name = owner.name + "$PlainLambda$" + classes.size();
          classes.put(name, plain(owner, name, made));
          instructions.set(made, new MethodInsnNode(Opcodes.INVOKESTATIC, name, "of", made.desc, false));
        }
      }
    }
  }

  private static boolean isPlain(ClassNode owner, InvokeDynamicInsnNode made) {
    if (!made.bsm.getOwner().equals(FACTORY) || Type.getArgumentTypes(made.desc).length == 0) {
      return false;
    }
    Handle code = (Handle) made.bsmArgs[1];
    if ((flags(made) | SERIALIZABLE | BRIDGES) != (SERIALIZABLE | BRIDGES) || code.getTag() != Opcodes.H_INVOKESTATIC) {
      return false;
    }
    Type[] methods = methods(made);
    for (int i = 0; i < methods.length; i++) {
      if (!isPassedOn(methods[i], made, code)) {
        return false;
      }
    }
    return isReached(owner, code);
  }

  private static int flags(InvokeDynamicInsnNode made) {
    return made.bsm.getName().equals("altMetafactory") ? ((Integer) made.bsmArgs[3]).intValue() : 0;
  }

  /** Types of the methods that the lambda answers to: the interface's, and the same with types that are known better. */
  private static Type[] methods(InvokeDynamicInsnNode made) {
    boolean isBridged = (flags(made) & BRIDGES) != 0;
    Type[] types = new Type[isBridged ? made.bsmArgs.length - 4 : 1];
    types[0] = (Type) made.bsmArgs[0];
    for (int i = 1; i < types.length; i++) {
      types[i] = (Type) made.bsmArgs[4 + i];
    }
    return types;
  }

  /** Whether another class of the package may call the lambda's code. */
  private static boolean isReached(ClassNode owner, Handle code) {
    if (!code.getOwner().equals(owner.name)) {
      return false;
    }
    for (Iterator methods = owner.methods.iterator(); methods.hasNext(); ) {
      MethodNode method = (MethodNode) methods.next();
      if (method.name.equals(code.getName()) && method.desc.equals(code.getDesc())) {
        return (method.access & Opcodes.ACC_PRIVATE) == 0;
      }
    }
    return false;
  }

  /** Whether values go from the caller to the code and back as they are, references perhaps narrowed. */
  private static boolean isPassedOn(Type method, InvokeDynamicInsnNode made, Handle code) {
    Type[] given = method.getArgumentTypes();
    Type[] taken = taken(made, code);
    for (int i = 0; i < given.length; i++) {
      if (!isPassedOn(given[i], taken[i])) {
        return false;
      }
    }
    return isPassedOn(Type.getReturnType(code.getDesc()), method.getReturnType());
  }

  private static boolean isPassedOn(Type from, Type to) {
    return from.equals(to) || isReference(from) && isReference(to);
  }

  private static boolean isReference(Type type) {
    return type.getSort() == Type.OBJECT || type.getSort() == Type.ARRAY;
  }

  /** What the code takes behind the values that the lambda holds. */
  private static Type[] taken(InvokeDynamicInsnNode made, Handle code) {
    Type[] all = Type.getArgumentTypes(code.getDesc());
    return (Type[]) Arrays.copyOfRange(all, Type.getArgumentTypes(made.desc).length, all.length);
  }

  /** The class of a lambda: its fields are what it holds, its only method calls the code. */
  private static byte[] plain(ClassNode owner, String name, InvokeDynamicInsnNode made) {
    List implemented = new ArrayList();
    implemented.add(Type.getReturnType(made.desc).getInternalName());
    if ((flags(made) & SERIALIZABLE) != 0) {
      implemented.add("java/io/Serializable");
    }
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    String[] interfaces = (String[]) implemented.toArray(new String[0]);
    writer.visit(owner.version, Opcodes.ACC_FINAL | Opcodes.ACC_SYNTHETIC | Opcodes.ACC_SUPER, name, null, "java/lang/Object", interfaces);
    Type[] held = Type.getArgumentTypes(made.desc);
    for (int i = 0; i < held.length; i++) {
      writer.visitField(Opcodes.ACC_PRIVATE | Opcodes.ACC_FINAL, "held" + i, held[i].getDescriptor(), null, null).visitEnd();
    }
    writeConstructor(writer, name, held);
    writeFactory(writer, name, held, made.desc);
    Type[] methods = methods(made);
    for (int i = 0; i < methods.length; i++) {
      writeCall(writer, name, held, methods[i], made);
    }
    writer.visitEnd();
    return writer.toByteArray();
  }

  private static void writeConstructor(ClassWriter writer, String name, Type[] held) {
    MethodVisitor code = writer.visitMethod(Opcodes.ACC_PRIVATE, "<init>", Type.getMethodDescriptor(Type.VOID_TYPE, held), null, null);
    code.visitCode();
    code.visitVarInsn(Opcodes.ALOAD, 0);
    code.visitMethodInsn(Opcodes.INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
    int slot = 1;
    for (int i = 0; i < held.length; i++) {
      code.visitVarInsn(Opcodes.ALOAD, 0);
      code.visitVarInsn(held[i].getOpcode(Opcodes.ILOAD), slot);
      code.visitFieldInsn(Opcodes.PUTFIELD, name, "held" + i, held[i].getDescriptor());
      slot += held[i].getSize();
    }
    code.visitInsn(Opcodes.RETURN);
    code.visitMaxs(0, 0);
    code.visitEnd();
  }

  private static void writeFactory(ClassWriter writer, String name, Type[] held, String description) {
    MethodVisitor code = writer.visitMethod(Opcodes.ACC_STATIC, "of", description, null, null);
    code.visitCode();
    code.visitTypeInsn(Opcodes.NEW, name);
    code.visitInsn(Opcodes.DUP);
    int slot = 0;
    for (int i = 0; i < held.length; i++) {
      code.visitVarInsn(held[i].getOpcode(Opcodes.ILOAD), slot);
      slot += held[i].getSize();
    }
    code.visitMethodInsn(Opcodes.INVOKESPECIAL, name, "<init>", Type.getMethodDescriptor(Type.VOID_TYPE, held), false);
    code.visitInsn(Opcodes.ARETURN);
    code.visitMaxs(0, 0);
    code.visitEnd();
  }

  private static void writeCall(ClassWriter writer, String name, Type[] held, Type method, InvokeDynamicInsnNode made) {
    Handle target = (Handle) made.bsmArgs[1];
    MethodVisitor code = writer.visitMethod(Opcodes.ACC_PUBLIC, made.name, method.getDescriptor(), null, null);
    code.visitCode();
    for (int i = 0; i < held.length; i++) {
      code.visitVarInsn(Opcodes.ALOAD, 0);
      code.visitFieldInsn(Opcodes.GETFIELD, name, "held" + i, held[i].getDescriptor());
    }
    Type[] given = method.getArgumentTypes();
    Type[] taken = taken(made, target);
    int slot = 1;
    for (int i = 0; i < given.length; i++) {
      code.visitVarInsn(given[i].getOpcode(Opcodes.ILOAD), slot);
      if (!given[i].equals(taken[i])) {
        code.visitTypeInsn(Opcodes.CHECKCAST, taken[i].getInternalName());
      }
      slot += given[i].getSize();
    }
    code.visitMethodInsn(Opcodes.INVOKESTATIC, target.getOwner(), target.getName(), target.getDesc(), target.isInterface());
    Type answer = method.getReturnType();
    if (isReference(answer) && !answer.equals(Type.getReturnType(target.getDesc()))) {
      code.visitTypeInsn(Opcodes.CHECKCAST, answer.getInternalName());
    }
    code.visitInsn(answer.getOpcode(Opcodes.IRETURN));
    code.visitMaxs(0, 0);
    code.visitEnd();
  }
}
