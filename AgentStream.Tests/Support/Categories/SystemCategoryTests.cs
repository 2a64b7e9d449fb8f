using System.Diagnostics;
using System.Reflection;
using AgentStream.Tests.Support.Processes;
using Microsoft.Playwright;

namespace AgentStream.Tests.Support.Categories;

/// <summary>No test outside the category System starts a process, Redis or a browser, whoever forgets the mark.</summary>
public sealed class SystemCategoryTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly CalledMethods Called = new();

    [Fact]
    public void FastTests_WhateverTheyCall_StartNoProcess()
    {
        var forgotten = TestMethods().Where(test => !IsMarked(test.Class, test.Method) && StartsProcess(test.Class, test.Method))
            .Select(test => $"{test.Class.Name}.{test.Method.Name}");

        Assert.True(!forgotten.Any(), "Mark these tests, or their classes, with [SystemTest]:\n" + string.Join('\n', forgotten));
    }

    [Theory]
    [InlineData(nameof(Examples.InATask))]
    [InlineData(nameof(Examples.InALambda))]
    [InlineData(nameof(Examples.ByAnInterface))]
    [InlineData(nameof(Examples.InAnInitializer))]
    public void Calls_HoweverWritten_AreFound(string example)
        => Assert.True(StartsProcess(typeof(Examples), typeof(Examples).GetMethod(example)!));

    [Fact]
    public void Calls_OfAnotherTestOfTheClass_AreNotItsOwn()
        => Assert.False(StartsProcess(typeof(Examples), typeof(Examples).GetMethod(nameof(Examples.NotAtAll))!));

    private static IEnumerable<(Type Class, MethodInfo Method)> TestMethods() => typeof(SystemCategoryTests).Assembly.GetTypes()
        .Where(type => type.IsClass && !type.IsAbstract)
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance).Where(IsTest).Select(method => (type, method)));

    private static bool IsTest(MethodInfo method) => method.GetCustomAttributes<FactAttribute>(inherit: true).Any();

    private static bool IsMarked(Type test, MethodInfo method)
        => method.GetCustomAttributes(inherit: true)
            .Concat(test.GetCustomAttributes(inherit: true))
            .Any(attribute => attribute is ISystemTest);

    private static bool StartsProcess(Type test, MethodInfo method) => Called.From(RootsOf(test, method)).Any(called => called switch
    {
        { Name: nameof(Process.Start), DeclaringType: var type } when type == typeof(Process) => true,
        { DeclaringType: var type } when type == typeof(Playwright) => true,
        // A program of the solution is looked up to be started, by the tests or by the product for them.
        { Name: nameof(BuiltProgram.PathOf), DeclaringType: var type } => type == typeof(BuiltProgram),
        _ => false,
    });

    // xunit constructs the class with its fixtures and calls what the class implements or overrides.
    private static IEnumerable<MethodBase> RootsOf(Type test, MethodInfo method)
    {
        var constructors = test.GetConstructors(Declared);
        var overrides = test.GetMethods(Declared).Where(own => own.IsVirtual && !IsTest(own));
        var fixtures = test.GetInterfaces().Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IClassFixture<>))
            .Select(type => type.GetGenericArguments()[0])
            .Concat(constructors.SelectMany(constructor => constructor.GetParameters()).Select(parameter => parameter.ParameterType))
            .Distinct();
        return [method, .. constructors, .. overrides, .. fixtures.SelectMany(CalledMethods.Of)];
    }

    private static class Examples
    {
        public static async Task InATask()
        {
            await Task.Yield();
            Start();
        }

        public static void InALambda() => Task.Run(() => Start());

        public static void ByAnInterface()
        {
            using IDisposable starter = new Starter();
        }

        public static int InAnInitializer() => Initialized.Id;

        public static int NotAtAll() => Environment.ProcessId;

        private static void Start() => Process.Start("true").Dispose();
    }

    private sealed class Starter : IDisposable
    {
        public void Dispose() => Process.Start("true").Dispose();
    }

    private static class Initialized
    {
        public static int Id { get; } = Process.Start("true").Id;
    }
}
