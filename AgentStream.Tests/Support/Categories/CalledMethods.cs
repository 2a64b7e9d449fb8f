using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace AgentStream.Tests.Support.Categories;

/// <summary>
/// Finds what methods of this assembly may call, read from their compiled code.
/// Whoever constructs an object is taken to call all of its instance methods, so that calls through base types and interfaces are found.
/// </summary>
internal sealed class CalledMethods
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly Own = typeof(CalledMethods).Assembly;

    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    private readonly Dictionary<MethodBase, IReadOnlyList<MethodBase>> _direct = [];

    /// <summary>Walks from some methods to all that they lead to, inside and at the edge of this assembly.</summary>
    public IEnumerable<MethodBase> From(IEnumerable<MethodBase> roots)
    {
        var seen = roots.ToHashSet();
        var open = new Queue<MethodBase>(seen);
        while (open.TryDequeue(out var method))
        {
            yield return method;
            foreach (var next in DirectlyFrom(method).Where(seen.Add))
            {
                open.Enqueue(next);
            }
        }
    }

    /// <summary>Gets the methods that somebody may call who has been given an object of this type.</summary>
    public static IEnumerable<MethodBase> Of(Type type) => type.Assembly == Own
        ? type.GetMethods(Declared).Where(method => !method.IsStatic).Concat<MethodBase>(type.GetConstructors(Declared))
        : [];

    private IReadOnlyList<MethodBase> DirectlyFrom(MethodBase method)
    {
        if (method.DeclaringType?.Assembly != Own)
        {
            return [];
        }

        if (!_direct.TryGetValue(method, out var called))
        {
            _direct[method] = called = [.. Read(method)];
        }

        return called;
    }

    private static IEnumerable<MethodBase> Read(MethodBase method)
    {
        // Asynchronous methods and iterators have their code in a type that the compiler makes for them.
        if (method.GetCustomAttribute<StateMachineAttribute>() is { StateMachineType: var machine })
        {
            yield return machine.GetMethod("MoveNext", Declared)!;
        }

        foreach (var member in Mentioned(method))
        {
            var type = member.DeclaringType!;
            if (type.TypeInitializer is { } initializer && type.Assembly == Own)
            {
                yield return initializer;
            }

            if (member is not MethodBase called)
            {
                continue;
            }

            yield return called.DeclaringType!.Assembly == Own ? Definition(called) : called;

            // The compiler's own types hold the lambdas of a whole class: those count where they are mentioned.
            if (called.IsConstructor && !type.Name.StartsWith('<'))
            {
                foreach (var own in Of(type.IsGenericType ? type.GetGenericTypeDefinition() : type))
                {
                    yield return own;
                }
            }
        }
    }

    private static MethodBase Definition(MethodBase method)
        => method.Module.ResolveMethod(method.MetadataToken) ?? throw new InvalidOperationException($"{method} has no definition.");

    private static IEnumerable<MemberInfo> Mentioned(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var typeArguments = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xFE)
            {
                value = (short)((value << 8) | code[at++]);
            }

            var operand = OpCodes[value].OperandType;
            if (operand is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineTok
                && method.Module.ResolveMember(
                    BitConverter.ToInt32(code, at), typeArguments, methodArguments) is { DeclaringType: not null } member
                && member is MethodBase or FieldInfo)
            {
                yield return member;
            }

            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
