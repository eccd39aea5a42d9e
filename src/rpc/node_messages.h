// Between the driver port's types and the messages of api/node.proto.
//
// Used by the node's service and its client. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "node.pb.h"
#include "sandbox/driver.h"

namespace paddock::rpc {

void Fill(const sandbox::Spec& spec, node::v1::CreateRequest& out);
void Fill(const sandbox::Info& info, node::v1::Sandbox& out);
void Fill(const sandbox::Capabilities& capabilities, node::v1::Capabilities& out);
void Fill(const sandbox::Usage& usage, node::v1::Usage& out);
void Fill(const std::vector<sandbox::Info>& infos, node::v1::SandboxList& out);
void Fill(const std::string& log_text, node::v1::LogText& out);

[[nodiscard]] sandbox::Spec SpecOf(const node::v1::CreateRequest& message);
[[nodiscard]] sandbox::Info InfoOf(const node::v1::Sandbox& message);
[[nodiscard]] sandbox::Capabilities CapabilitiesOf(const node::v1::Capabilities& message);
[[nodiscard]] sandbox::Usage UsageOf(const node::v1::Usage& message);

}  // namespace paddock::rpc
