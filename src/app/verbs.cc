#include <array>
#include <span>

#include "app/admin_link_command.h"
#include "app/certs_command.h"
#include "app/challenge_worker_command.h"
#include "app/commands.h"
#include "app/config_command.h"
#include "app/doctor_command.h"
#include "app/forward_command.h"
#include "app/images_command.h"
#include "app/node_command.h"
#include "app/question_service_command.h"
#include "app/questions_command.h"
#include "app/runner_command.h"
#include "app/serve_command.h"
#include "app/sql_runner_command.h"
#include "app/stop_command.h"
#include "app/store_command.h"

namespace paddock::app {
namespace {

constexpr auto kVerbs = std::to_array<Verb>({
    {"serve", "serve learners; as root, together with the node", &ServeCommand},
    {"stop", "end all sandboxes of this host", &StopCommand},
    {"images", "list, build and remove the images that sandboxes start from", &ImagesCommand},
    {"node", "make sandboxes for the server on this host (needs root)", &NodeCommand},
    {"runner", "run challenges for servers on other hosts", &RunnerCommand},
    {"question-service", "read questions for front ends' servers on other hosts",
     &QuestionServiceCommand},
    {"admin-link", "print a link that makes one more admin", &AdminLinkCommand},
    {"config", "show every option and where its value is from, or what is wrong", &ConfigCommand},
    {"store", "move users, classes and all else from one database to another", &StoreCommand},
    {"questions", "list, check and import the questions of a server", &QuestionsCommand},
    {"certs", "make and renew the certificates of a server and nodes on several hosts",
     &CertsCommand},
    {"forward", "put a port of a sandbox on a local port, for psql and others", &ForwardCommand},
    {"doctor", "say whether this host can run sandboxes, and how to mend what is missing",
     &DoctorCommand},
    {"challenge-worker", "", &ChallengeWorkerCommand},
    {"sql-runner", "", &SqlRunnerCommand},  // for the supervisor alone
});

}  // namespace

std::span<const Verb> Verbs() noexcept { return kVerbs; }

}  // namespace paddock::app
