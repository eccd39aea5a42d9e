// sendBody: a request body by XMLHttpRequest, because only that tells how much of it is sent.

import type { SendBody } from "./transport.js";

function responseOf(request: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const name of ["Retry-After", "Date"]) {
    const value = request.getResponseHeader(name);
    if (value !== null) headers.set(name, value);
  }
  const empty = request.status === 204 || request.responseText === "";
  return new Response(empty ? null : request.responseText, { status: request.status, headers });
}

export const sendBody: SendBody = (call, signal) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(call.method, call.path);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => call.progress?.(event.loaded);
    request.onload = () => resolve(responseOf(request));
    request.onerror = () => reject(new TypeError("no answer"));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    const abort = (): void => request.abort();
    signal?.addEventListener("abort", abort);
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    if (signal?.aborted === true) reject(new DOMException("aborted", "AbortError"));
    else request.send(call.body);
  });
