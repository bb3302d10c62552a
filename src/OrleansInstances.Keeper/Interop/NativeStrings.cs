using System.Runtime.InteropServices;
using System.Text;

namespace OrleansInstances.Keeper.Interop;

/// <summary>A list of strings as C has it: UTF-8, each ended by a zero byte, the list by a null pointer.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    public NativeStrings(IReadOnlyList<string> values)
    {
        var bytes = values.Sum(value => Encoding.UTF8.GetByteCount(value) + 1);
        var pointers = (values.Count + 1) * sizeof(byte*);
        Pointer = (byte**)NativeMemory.Alloc((nuint)(pointers + bytes));

        var next = (byte*)Pointer + pointers;
        for (var i = 0; i < values.Count; i++)
        {
            Pointer[i] = next;
            var length = Encoding.UTF8.GetBytes(values[i], new Span<byte>(next, bytes));
            next[length] = 0;
            next += length + 1;
            bytes -= length + 1;
        }

        Pointer[values.Count] = null;
    }

    public byte** Pointer { get; }

    public void Dispose() => NativeMemory.Free(Pointer);
}
