// A proxy that puts a server below a path, as public addresses often have it.
import { createServer, request } from "node:http";

/** Serves what is at `target` below `path`. Gives the address of the server's `/`, and `stop`. */
export async function prefixed(target, path) {
  const proxy = createServer((asked, answer) => {
    if (!asked.url.startsWith(`${path}/`)) return answer.writeHead(404).end();
    const { method, headers } = asked;
    const onward = request(target + asked.url.slice(path.length), { method, headers }, (found) => {
      answer.writeHead(found.statusCode, found.headers);
      found.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise((done) => proxy.listen(0, "127.0.0.1", done));
  const stop = () => {
    proxy.close();
    proxy.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${proxy.address().port}${path}/`, stop };
}
