/**
 * Tools that this program executes itself: their calls, and the results until the server has them.
 * What its members mean and take stands in index.d.ts.
 */
export class ClientTools {
  #tools;
  #onFailed;
  /** @type {Map<string, object | null>} by call, the frame with its result; null while it is executed */
  #calls = new Map();
  #sent = new Set();

  constructor(tools, { onFailed } = {}) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.#onFailed = onFailed ?? (({ toolName }, error) => console.error(`${toolName} failed.`, error));
  }

  get declared() {
    return [...this.#tools.values()].map(({ name, description, parameters }) => ({ name, description, parameters }));
  }

  receive({ type, run_id: runId, data }, onResult) {
    switch (type) {
      case 'tool_approval_required':
        this.#begin(runId, data, onResult);
        break;
      case 'tool_approval_resolved':
        this.#forget(data.tool_call_id);
        break;
      case 'snapshot':
      case 'resync':
        this.#compare(data.active_run, onResult);
        break;
      case 'status':
        // What the server could not take a moment ago.
        this.takeBack();
        break;
      default:
        break;
    }
  }

  flush(send) {
    for (const [call, frame] of this.#calls) {
      if (frame !== null && !this.#sent.has(call)) {
        if (!send(frame)) {
          return;
        }

        this.#sent.add(call);
      }
    }
  }

  takeBack() {
    this.#sent.clear();
  }

  #compare(run, onResult) {
    const asked = run?.pending_approvals ?? [];
    for (const call of [...this.#calls.keys()]) {
      if (!asked.some((question) => question.tool_call_id === call)) {
        this.#forget(call);
      }
    }

    for (const question of asked) {
      this.#begin(run.run_id, question, onResult);
    }
  }

  #begin(runId, { client_tool: isOurs, tool_name: toolName, tool_call_id: toolCallId, arguments: args }, onResult) {
    const tool = this.#tools.get(toolName);
    if (!isOurs || !tool?.execute || this.#calls.has(toolCallId)) {
      return;
    }

    this.#calls.set(toolCallId, null);
    this.#execute(tool, args ?? {}, { runId, toolCallId, toolName }).then((answer) => {
      // It may have been answered for meanwhile.
      if (this.#calls.has(toolCallId)) {
        this.#calls.set(toolCallId, { type: 'tool_result', payload: { run_id: runId, tool_call_id: toolCallId, ...answer } });
        onResult();
      }
    });
  }

  async #execute(tool, args, call) {
    try {
      const result = await tool.execute(args, call);
      return { result: typeof result === 'string' ? result : JSON.stringify(result) ?? '' };
    } catch (error) {
      this.#onFailed(call, error);
      return { result: `${tool.name} failed.`, is_error: true };
    }
  }

  #forget(call) {
    this.#calls.delete(call);
    this.#sent.delete(call);
  }
}
