/**
 * The part of Pulumi's language host for Node.js that runs plugins. The host that can be built is older than they are, and refuses them, so this
 * one stands in for it where the engine starts a folder with a PulumiPlugin.yaml. It runs the plugin as today's host does: by `cmd/run-plugin` of
 * the SDK that the plugin itself finds. It says its port on the first line, as every plugin of the engine does.
 */
const { spawn } = require("node:child_process");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { LanguageRuntimeService } = require("@pulumi/pulumi/proto/language_grpc_pb.js");
const { LanguageHandshakeResponse, RunPluginResponse } = require("@pulumi/pulumi/proto/language_pb.js");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb.js");

const ofPulumi = createRequire(require.resolve("@pulumi/pulumi"));
const { Server, ServerCredentials, status } = ofPulumi("@grpc/grpc-js");
const { Empty } = ofPulumi("google-protobuf/google/protobuf/empty_pb.js");

const running = new Set();
const end = () => {
  for (const plugin of running) plugin.kill();
};

/** Runs the plugin in a folder until the engine takes its call back. */
function runPlugin(call) {
  const { request } = call;
  const folder = request.getInfo().getProgramDirectory();
  const runner = createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run-plugin/index.js");
  const plugin = spawn(process.execPath, [runner, folder, ...request.getArgsList()], {
    cwd: request.getPwd(),
    env: Object.fromEntries(request.getEnvList().map((entry) => entry.split(/=(.*)/s, 2))),
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(plugin);
  plugin.stdout.on("data", (text) => call.write(new RunPluginResponse().setStdout(text)));
  plugin.stderr.on("data", (text) => call.write(new RunPluginResponse().setStderr(text)));
  plugin.once("close", (code) => {
    running.delete(plugin);
    call.write(new RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  });
  call.once("cancelled", () => plugin.kill());
}

const unsupported = (_, answer) => answer({ code: status.UNIMPLEMENTED, details: "this host runs plugins alone" });
const answered = (message) => (_, answer) => answer(null, message);
const server = new Server();
server.addService(LanguageRuntimeService, {
  ...Object.fromEntries(Object.keys(LanguageRuntimeService).map((name) => [name, unsupported])),
  handshake: answered(new LanguageHandshakeResponse()),
  getPluginInfo: answered(new PluginInfo().setVersion("0.0.0")),
  installDependencies: (call) => call.end(),
  runPlugin,
  cancel: (_, answer) => {
    end();
    answer(null, new Empty());
  },
});
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => {
    end();
    process.exit(0);
  });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
