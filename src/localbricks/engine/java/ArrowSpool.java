package localbricks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Paths;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import net.jpountz.lz4.LZ4FrameOutputStream;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.execution.CollectLimitExec;
import org.apache.spark.sql.execution.CommandResultExec;
import org.apache.spark.sql.execution.LocalTableScanExec;
import org.apache.spark.sql.execution.SQLExecution;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.arrow.ArrowConverters;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import scala.Option;
import scala.collection.AbstractIterator;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction2;

/**
 * Writes the rows of a DataFrame into a file as Arrow record batches, straight from the tasks that compute them.
 *
 * Spark's own way hands whole partitions from the tasks to the driver and from there through a socket: the heap then
 * holds what the result holds. Here a task has one batch in memory at any time. All tasks are threads of this JVM and
 * write into one file, each batch at a place of its own.
 *
 * Compiled when the engine starts, by the compiler that Spark has for its generated code, which knows no generics.
 */
public final class ArrowSpool extends AbstractFunction2 implements Serializable {

    /** Rows that a LIMIT may have to be taken partition by partition, as Spark does for `take`. */
    private static final int FEW_ROWS = 10000;

    /** Of the rows as Spark keeps them; a batch ends with the row that passes it. */
    private static final long BATCH_BYTES = 4L << 20;

    private static final ConcurrentHashMap OPEN = new ConcurrentHashMap();

    private final String path;
    private final StructType schema;
    private final String timeZone;
    private final boolean strict;
    private final long batchRows;
    private final boolean lz4;

    private ArrowSpool(String path, StructType schema, SQLConf conf, boolean lz4) {
        this.path = path;
        this.schema = schema;
        this.timeZone = conf.sessionLocalTimeZone();
        this.strict = "legacy".equals(conf.pandasStructHandlingMode());
        this.batchRows = conf.arrowMaxRecordsPerBatch();
        this.lz4 = lz4;
    }

    /**
     * Compute a DataFrame into a file that is there.
     *
     * @return all numbers big-endian: the length of Arrow's schema message as an int, the message, and in the order of
     *     the rows for each batch where it begins (long), its bytes and its rows (int, int).
     */
    public static byte[] collect(final Dataset frame, final String path, final boolean lz4) throws Exception {
        SQLConf conf = frame.sparkSession().sessionState().conf();
        final ArrowSpool task = new ArrowSpool(path, frame.schema(), conf, lz4);
        Target target = new Target(path);
        OPEN.put(path, target);
        try {
            Object[] parts = (Object[]) SQLExecution.withNewExecutionId(
                frame.queryExecution(), Option.apply("fetch"), new AbstractFunction0() {
                    public Object apply() {
                        return task.compute(frame, frame.queryExecution().executedPlan());
                    }
                });
            return task.answer(parts);
        } finally {
            OPEN.remove(path);
            target.channel.close();
        }
    }

    private Object[] compute(Dataset frame, SparkPlan plan) {
        plan.resetMetrics();
        if (isHere(plan)) {
            Rows rows = new Rows(new Few(plan.executeCollect()));
            return new Object[] {write(rows, null)};
        }
        ClassTag bytes = scala.reflect.ClassTag$.MODULE$.apply(byte[].class);
        return (Object[]) frame.sparkSession().sparkContext().runJob(plan.execute(), (AbstractFunction2) this, bytes);
    }

    /** Whether the rows need no job, or a small one. */
    private static boolean isHere(SparkPlan plan) {
        if (plan instanceof CollectLimitExec) {
            int limit = ((CollectLimitExec) plan).limit();
            return limit >= 0 && limit <= FEW_ROWS;
        }
        return plan instanceof CommandResultExec || plan instanceof LocalTableScanExec;
    }

    private byte[] answer(Object[] parts) throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        MessageSerializer.serialize(
            new WriteChannel(Channels.newChannel((OutputStream) message)),
            ArrowUtils.toArrowSchema(schema, timeZone, strict, false));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(ByteBuffer.allocate(4).putInt(message.size()).array());
        message.writeTo(all);
        for (int i = 0; i < parts.length; i++) {
            all.write((byte[]) parts[i]);
        }
        return all.toByteArray();
    }

    /** One task: its rows into the file. */
    public Object apply(Object context, Object rows) {
        return write(new Rows((Iterator) rows), (TaskContext) context);
    }

    private byte[] write(Rows rows, TaskContext context) {
        ArrowConverters.ArrowBatchIterator batches = new ArrowConverters.ArrowBatchIterator(
            rows, schema, batchRows, timeZone, strict, false, context);
        ByteArrayOutputStream index = new ByteArrayOutputStream();
        try {
            Target target = (Target) OPEN.get(path);
            for (rows.begin(); batches.hasNext(); rows.begin()) {
                byte[] batch = (byte[]) batches.next();
                byte[] data = lz4 ? compressed(batch) : batch;
                ByteBuffer entry = ByteBuffer.allocate(16);
                entry.putLong(target.write(data)).putInt(data.length).putInt(rows.count);
                index.write(entry.array());
            }
        } catch (IOException error) {
            throw new java.io.UncheckedIOException(error);
        } finally {
            batches.close();
        }
        return index.toByteArray();
    }

    private static byte[] compressed(byte[] data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(data.length / 2 + 64);
        LZ4FrameOutputStream lz4 = new LZ4FrameOutputStream(
            out, blockSize(data.length), (long) data.length,
            new LZ4FrameOutputStream.FLG.Bits[] {
                LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE, LZ4FrameOutputStream.FLG.Bits.CONTENT_SIZE});
        lz4.write(data);
        lz4.close();
        return out.toByteArray();
    }

    /** The smallest that holds all: the stream allocates it anew for every batch. */
    private static LZ4FrameOutputStream.BLOCKSIZE blockSize(int bytes) {
        if (bytes <= 64 << 10) {
            return LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB;
        }
        if (bytes <= 256 << 10) {
            return LZ4FrameOutputStream.BLOCKSIZE.SIZE_256KB;
        }
        return bytes <= 1 << 20 ? LZ4FrameOutputStream.BLOCKSIZE.SIZE_1MB : LZ4FrameOutputStream.BLOCKSIZE.SIZE_4MB;
    }

    /** A file that tasks write into. */
    private static final class Target {
        final FileChannel channel;
        private final AtomicLong end = new AtomicLong();

        Target(String path) throws IOException {
            channel = FileChannel.open(
                Paths.get(path, new String[0]), new StandardOpenOption[] {StandardOpenOption.WRITE});
        }

        /** Append bytes; where they begin. */
        long write(byte[] data) throws IOException {
            long begin = end.getAndAdd(data.length);
            ByteBuffer buffer = ByteBuffer.wrap(data);
            long at = begin;
            while (buffer.hasRemaining()) {
                at += channel.write(buffer, at);
            }
            return begin;
        }
    }

    /** The rows of a task, which seem to end where a batch has become large enough. */
    private static final class Rows extends AbstractIterator {
        private final Iterator rows;
        private long bytes;
        int count;

        Rows(Iterator rows) {
            this.rows = rows;
        }

        void begin() {
            bytes = 0;
            count = 0;
        }

        public boolean hasNext() {
            return bytes < BATCH_BYTES && rows.hasNext();
        }

        public Object next() {
            Object row = rows.next();
            count++;
            if (row instanceof UnsafeRow) {
                bytes += ((UnsafeRow) row).getSizeInBytes();
            }
            return row;
        }
    }

    /** Rows that are here already. */
    private static final class Few extends AbstractIterator {
        private final InternalRow[] rows;
        private int next;

        Few(InternalRow[] rows) {
            this.rows = rows;
        }

        public boolean hasNext() {
            return next < rows.length;
        }

        public Object next() {
            return rows[next++];
        }
    }
}
