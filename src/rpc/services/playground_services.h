// The published services of Database Playground: dbrunner.v1 and questionmanager.v1, on the ports
// of playground/services.h.
//
// Added to a ServiceHost. Threading: loop thread. Ownership: what is passed outlives them.
#pragma once

#include <memory>

#include <grpcpp/impl/service_type.h>

#include "playground/services.h"
#include "rpc/services/service_host.h"

namespace paddock::rpc {

[[nodiscard]] std::unique_ptr<grpc::Service> MakeDbRunnerService(ServiceHost& host,
                                                                 playground::DbRunner& runner);
[[nodiscard]] std::unique_ptr<grpc::Service> MakeQuestionService(
    ServiceHost& host, playground::QuestionManager& questions);

}  // namespace paddock::rpc
