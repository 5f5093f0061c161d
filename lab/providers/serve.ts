/** Serves a provider to the engine: Pulumi's own gRPC protocol, with the messages that its Node.js SDK carries. */
import { connect } from "node:net";
import grpc from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import errorStatus from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { type PropertyBag, toPropertyBag } from "./property-values.ts";
import { CheckFailed, type Diff, InitFailed, type ResourceProvider, type ResourceRef } from "./resource-provider.ts";

type Struct = InstanceType<typeof struct.Struct>;
type Handler<Request, Response> = (request: Request) => Promise<Response> | Response;

/** Serves on a free loopback port, which the engine reads from the first line of the standard output. */
export async function serve(provider: ResourceProvider): Promise<void> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(services.ResourceProviderService, handlers(provider));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  process.stdout.write(`${port}\n`);
  endWithEngine(process.argv.slice(2));
}

/** The engine ends its providers, unless it is killed itself: then nobody would. */
function endWithEngine(args: readonly string[]): void {
  const [, host, enginePort] = args.map((each) => /^(.+):(\d+)$/.exec(each)).find((match) => match !== null) ?? [];
  if (host === undefined) return;
  const watch = () => {
    let reached = false;
    connect({ host, port: Number(enginePort) })
      .on("connect", () => {
        reached = true;
      })
      .on("error", () => {})
      // The engine closes what says nothing for two minutes; only where nobody answers any more it has ended.
      .on("close", () => (reached ? watch() : process.exit(0)))
      .resume();
  };
  watch();
}

function handlers(provider: ResourceProvider): grpc.UntypedServiceImplementation {
  const configured = () => {
    const response = new messages.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    return response;
  };
  const checked = (inputs: PropertyBag) => {
    const response = new messages.CheckResponse();
    response.setInputs(toStruct(inputs));
    return response;
  };
  return {
    checkConfig: unary((request: messages.CheckRequest) => checked(toBag(request.getNews()))),
    diffConfig: unary((request: messages.DiffRequest) => {
      const before = JSON.stringify(toBag(request.getOldInputs() ?? request.getOlds()));
      const response = new messages.DiffResponse();
      const same = before === JSON.stringify(toBag(request.getNews()));
      response.setChanges(
        same ? messages.DiffResponse.DiffChanges.DIFF_NONE : messages.DiffResponse.DiffChanges.DIFF_SOME,
      );
      return response;
    }),
    configure: unary((request: messages.ConfigureRequest) => {
      provider.configure(toBag(request.getArgs()));
      return configured();
    }),
    check: unary(async (request: messages.CheckRequest) => {
      try {
        return checked(await provider.check(refOf(request), toBag(request.getOlds()), toBag(request.getNews())));
      } catch (error) {
        if (!(error instanceof CheckFailed)) throw error;
        const failure = new messages.CheckFailure();
        failure.setProperty(error.property);
        failure.setReason(error.message);
        const response = checked(toBag(request.getNews()));
        response.setFailuresList([failure]);
        return response;
      }
    }),
    diff: unary(async (request: messages.DiffRequest) =>
      diffResponse(
        await provider.diff(existing(request, request.getOlds(), request.getOldInputs()), toBag(request.getNews())),
      ),
    ),
    create: unary(async (request: messages.CreateRequest) => {
      const { id, state } = await provider.create({
        ...refOf(request),
        inputs: toBag(request.getProperties()),
        preview: request.getPreview(),
        timeoutSeconds: request.getTimeout() || undefined,
      });
      const response = new messages.CreateResponse();
      response.setId(id);
      response.setProperties(toStruct(state));
      return response;
    }),
    update: unary(async (request: messages.UpdateRequest) => {
      const state = await provider.update({
        ...existing(request, request.getOlds(), request.getOldInputs()),
        inputs: toBag(request.getNews()),
        preview: request.getPreview(),
        timeoutSeconds: request.getTimeout() || undefined,
      });
      const response = new messages.UpdateResponse();
      response.setProperties(toStruct(state));
      return response;
    }),
    read: unary(async (request: messages.ReadRequest) => {
      const found = await provider.read(existing(request, request.getProperties(), request.getInputs()));
      const response = new messages.ReadResponse();
      if (!found) return response;
      response.setId(found.id);
      response.setProperties(toStruct(found.state));
      response.setInputs(toStruct(found.inputs));
      return response;
    }),
    delete: unary(async (request: messages.DeleteRequest) => {
      const resource = existing(request, request.getProperties(), request.getOldInputs());
      await provider.delete({ ...resource, timeoutSeconds: request.getTimeout() || undefined });
      return new empty.Empty();
    }),
    cancel: unary(() => {
      provider.cancel();
      return new empty.Empty();
    }),
    attach: unary(() => new empty.Empty()),
    getPluginInfo: unary(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(provider.version);
      return info;
    }),
    getSchema: unary(() => {
      const response = new messages.GetSchemaResponse();
      response.setSchema("{}");
      return response;
    }),
  };
}

function unary<Request, Response>(handle: Handler<Request, Response>): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handle(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(wireError(error)),
      );
  };
}

/** The details of an error travel in a trailer, as Go's gRPC puts them there. */
function wireError(error: unknown): Partial<grpc.ServiceError> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof InitFailed)) return { code: grpc.status.UNKNOWN, details: message };
  const failed = new messages.ErrorResourceInitFailed();
  failed.setId(error.id);
  failed.setProperties(toStruct(error.state));
  failed.setInputs(toStruct(error.inputs));
  failed.setReasonsList([...error.reasons]);
  const details = new any.Any();
  details.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new errorStatus.Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(message);
  status.addDetails(details);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}

function diffResponse({ changes, replaces, deleteBeforeReplace }: Diff): messages.DiffResponse {
  const response = new messages.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  response.setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setDiffsList([...new Set(changes.map(({ path }) => path.split(/[.[]/)[0] ?? path))]);
  response.setReplacesList([...replaces]);
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(changes.length > 0);
  const { Kind } = messages.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  for (const { path, kind } of changes) {
    const change = new messages.PropertyDiff();
    change.setKind(kinds[kind][replaces.includes(path) ? 1 : 0]);
    change.setInputdiff(true);
    response.getDetaileddiffMap().set(path, change);
  }
  return response;
}

function refOf(request: { getUrn(): string }): ResourceRef {
  const urn = request.getUrn();
  // urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>; only the name may hold "::".
  const [, , types = "", ...name] = urn.split("::");
  return { urn, type: types.split("$").at(-1) ?? types, name: name.join("::") };
}

function existing(
  request: { getUrn(): string; getId(): string },
  state: Struct | undefined,
  inputs: Struct | undefined,
) {
  return { ...refOf(request), id: request.getId(), state: toBag(state), oldInputs: toBag(inputs) };
}

function toBag(value: Struct | undefined): PropertyBag {
  return toPropertyBag(value?.toJavaScript() ?? {});
}

function toStruct(bag: PropertyBag): Struct {
  return struct.Struct.fromJavaScript(bag);
}
