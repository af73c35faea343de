// Runs in the sandboxed frame: starts the worker of one run, and passes on what it says, counted.
(() => {
  const app = parent;
  addEventListener("message", function begin({ source, data }) {
    if (source !== app || !data?.worker) return;
    removeEventListener("message", begin);
    // Chromium starts no module workers here; in a function the worker's own names are out of reach of what it runs
    const script = new Blob([`(() => {${data.worker}\n})()`], { type: "text/javascript" });
    const worker = new Worker(URL.createObjectURL(script));
    const { port1, port2 } = new MessageChannel();
    let left = data.limit;
    port1.onmessage = ({ data: word }) => {
      left -= word.length;
      if (left > 0) app.postMessage({ word }, "*");
      else worker.terminate();
    };
    worker.onerror = ({ message }) => app.postMessage({ broken: message ?? "" }, "*");
    // the code has no other way to speak: what it posts by itself nobody hears
    worker.postMessage({ ...data.job, port: port2 }, [port2, ...Object.values(data.job.files)]);
  });
  app.postMessage({ listening: true }, "*");
})();
