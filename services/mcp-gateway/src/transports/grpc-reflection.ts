// grpc.reflection.v1: lets grpcurl and its like find out what the server offers.
import { type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter } from "@connectrpc/connect";
import { file_grpc_health_v1_health, Health } from "../gen/grpc/health/v1/health_pb.ts";
import {
  file_grpc_reflection_v1_reflection,
  ServerReflection,
  type ServerReflectionRequest,
} from "../gen/grpc/reflection/v1/reflection_pb.ts";
import { file_mistersmith_v1_gateway, GatewayService } from "../gen/mistersmith/v1/gateway_pb.ts";

const SERVICES = [GatewayService, Health, ServerReflection].map(({ typeName }) => ({ name: typeName }));
const FILES = [
  file_mistersmith_v1_gateway,
  file_grpc_health_v1_health,
  file_grpc_reflection_v1_reflection,
].flatMap(closure);

/** Registers the service. */
export function registerGrpcReflection(router: ConnectRouter): void {
  router.service(ServerReflection, {
    serverReflectionInfo: async function* (requests) {
      for await (const request of requests) {
        yield { validHost: request.host, originalRequest: request, messageResponse: answer(request) };
      }
    },
  });
}

function answer({ messageRequest: { case: kind, value } }: ServerReflectionRequest) {
  switch (kind) {
    case "listServices":
      return { case: "listServicesResponse" as const, value: { service: SERVICES } };
    case "fileByFilename":
      return describe(
        FILES.find((file) => file.proto.name === value),
        value,
      );
    case "fileContainingSymbol":
      return describe(
        FILES.find((file) => declares(file, value)),
        value,
      );
    default:
      return notFound("extensions");
  }
}

/** A file and all that it imports: a client needs every one of them. */
function describe(file: DescFile | undefined, asked: string) {
  if (file === undefined) return notFound(asked);
  const fileDescriptorProto = closure(file).map((part) => toBinary(FileDescriptorProtoSchema, part.proto));
  return { case: "fileDescriptorResponse" as const, value: { fileDescriptorProto } };
}

function notFound(asked: string) {
  const value = { errorCode: Code.NotFound, errorMessage: `no ${asked} here` };
  return { case: "errorResponse" as const, value };
}

function closure(file: DescFile): DescFile[] {
  return [file, ...file.dependencies.flatMap(closure)];
}

/** A name inside a message or service (a method, a nested enum) counts as declared by its file. */
function declares(file: DescFile, symbol: string): boolean {
  const names = [...file.messages, ...file.enums, ...file.services].map((item) => item.typeName);
  return names.some((name) => symbol === name || symbol.startsWith(`${name}.`));
}
