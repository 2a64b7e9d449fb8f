Console.WriteLine("AgentStream");
