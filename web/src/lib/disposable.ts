// DisposableStore: everything that one owner must end when it ends itself.
//
// Used wherever something subscribes. dispose() runs the actions newest first, each once.

export class DisposableStore {
  #actions: (() => void)[] = [];
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Calls `action` at the end, or at once when that has passed. */
  add(action: () => void): void {
    if (this.#disposed) action();
    else this.#actions.push(action);
  }

  /** The same for xterm.js's and other objects with a dispose() of their own. */
  own<T extends { dispose(): void }>(object: T): T {
    this.add(() => object.dispose());
    return object;
  }

  listen(target: EventTarget, type: string, listener: (event: Event) => void): void {
    target.addEventListener(type, listener);
    this.add(() => target.removeEventListener(type, listener));
  }

  dispose(): void {
    this.#disposed = true;
    const actions = this.#actions.reverse();
    this.#actions = [];
    for (const action of actions) action();
  }
}
