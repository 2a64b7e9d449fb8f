// Asks one address and says by its exit code whether the answer was good: the health check of images that have no shell and no curl.
if (args is not [var text] || !Uri.TryCreate(text, UriKind.Absolute, out var address))
{
    Console.Error.WriteLine("Give one address to ask, such as http://localhost:8000/health.");
    return 2;
}

try
{
    using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(8) };
    using var answer = await client.GetAsync(address);
    Console.WriteLine($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    return answer.IsSuccessStatusCode ? 0 : 1;
}
catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
