// The command line, specs from files, JSON for programs, tokens, progress: all without a server.
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "client/cli/command_line.h"
#include "client/cli/lease_ticket.h"
#include "client/cli/minimize_study.h"
#include "client/cli/progress.h"
#include "client/cli/proto_json.h"
#include "client/cli/shell_text.h"
#include "client/cli/spec_file.h"
#include "client/cli/study_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace polystep::cli {
namespace {

using ::testing::HasSubstr;

ParsedCommandLine Parse(std::vector<const char*> words) {
  words.insert(words.begin(), "polystep");
  return ParseCommandLine(static_cast<int>(words.size()), words.data());
}

TEST(CommandLine, GlobalOptions_AreTakenBeforeAndAfterTheVerb) {
  for (const ParsedCommandLine& parsed :
       {Parse({"--server", "h:1", "--json", "study", "get", "s"}),
        Parse({"study", "--json", "get", "--server", "h:1", "s"}),
        Parse({"study", "get", "s", "--json", "--server", "h:1"})}) {
    EXPECT_FALSE(parsed.exit_code.has_value()) << parsed.text;
    EXPECT_EQ(parsed.line.verb, "study get");
    EXPECT_EQ(parsed.line.server, "h:1");
    EXPECT_TRUE(parsed.line.json);
    EXPECT_EQ(parsed.line.name, "s");
  }
}

TEST(CommandLine, Server_FromTheEnvironment) {
  ::setenv("POLYSTEP_SERVER", "elsewhere:7", 1);
  EXPECT_EQ(Parse({"study", "list"}).line.server, "elsewhere:7");
  EXPECT_EQ(Parse({"study", "list", "--server", "h:1"}).line.server, "h:1");
  ::unsetenv("POLYSTEP_SERVER");
  EXPECT_EQ(Parse({"study", "list"}).line.server, "127.0.0.1:50051");
}

TEST(CommandLine, Command_IsEverythingAfterTheDashes) {
  CommandLine line =
      Parse({"worker", "s", "--slots", "3", "--timeout", "1.5", "--", "sim", "--json", "--", "-x"})
          .line;
  EXPECT_EQ(line.command, (std::vector<std::string>{"sim", "--json", "--", "-x"}));
  EXPECT_EQ(line.slots, 3);
  EXPECT_EQ(line.timeout_s, 1.5);
  EXPECT_FALSE(line.json);
}

TEST(CommandLine, BadUsage_Is2) {
  const std::vector<std::vector<const char*>> lines = {
      {},
      {"bogus"},
      {"study"},
      {"study", "get"},
      {"study", "create", "s"},
      {"study", "get", "s", "--unknown"},
      {"worker", "s"},
      {"worker", "s", "--"},
      {"worker", "s", "--slots", "0", "--", "true"},
      {"worker", "s", "--slots", "4097", "--", "true"},
      {"worker", "s", "--timeout", "0", "--", "true"},
      {"worker", "s", "--timeout", "soon", "--", "true"},
      {"worker", "s", "--on-failure", "panic", "--", "true"},
      {"minimize", "--", "true"},
      {"minimize", "--spec", "s.yaml"},
      {"tell", "s", "--token", "t"},
      {"tell", "s", "--loss", "1"},
      {"tell", "s", "--token", "t", "--loss", "x"},
      {"tell", "s", "--token", "t", "--loss", "1", "--infeasible", "no"},
      {"tell", "s", "--token", "t", "--violation", "1"},
      {"tell", "s", "--token", "t", "--loss", "1", "--violation", "-1"}};
  for (const std::vector<const char*>& line : lines) {
    ParsedCommandLine parsed = Parse(line);
    EXPECT_EQ(parsed.exit_code, kUsage) << ::testing::PrintToString(line);
    EXPECT_FALSE(parsed.text.empty()) << ::testing::PrintToString(line);
  }
}

TEST(CommandLine, HelpAndVersion_Are0) {
  EXPECT_EQ(Parse({"--help"}).exit_code, kDone);
  EXPECT_EQ(Parse({"worker", "--help"}).exit_code, kDone);
  EXPECT_THAT(Parse({"--version"}).text, HasSubstr("polystep "));
}

TEST(CommandLine, Tell_NegativeLoss_IsANumber) {
  EXPECT_EQ(Parse({"tell", "s", "--token", "t", "--loss", "-1.5e-3"}).line.loss, -1.5e-3);
  EXPECT_EQ(
      Parse({"tell", "s", "--token", "t", "--loss", "1", "--violation", "0.5"}).line.violation,
      0.5);
}

TEST(ParseDurationText, Table) {
  EXPECT_EQ(*ParseDurationText("90"), absl::Seconds(90));
  EXPECT_EQ(*ParseDurationText("1.5"), absl::Milliseconds(1500));
  EXPECT_EQ(*ParseDurationText("2h"), absl::Hours(2));
  EXPECT_EQ(*ParseDurationText("1m30s"), absl::Seconds(90));
  for (const char* bad : {"", "soon", "0", "-1", "-2h", "nan"}) {
    EXPECT_FALSE(ParseDurationText(bad).ok()) << bad;
  }
}

constexpr char kYaml[] = R"(
# A filter.
parameters:
  - name: r1
    real: {min: 1e3, max: 1000000, scale: LOG}
  - {name: n, integer: {min: 1, max: 8}}
  - name: "on"
    boolean: {}
  - name: kind
    categorical: {choices: [a, "1", 'true']}
goal: MAXIMIZE
seed: 18446744073709551615
evaluation: {lease_ttl: 90s, noise: SEEDED}
stop: {max_evaluations: 100, targetLoss: .5}
)";

TEST(ParseSpec, Yaml_IsWhatItsJsonIs) {
  absl::StatusOr<v1::StudySpec> spec = ParseSpec(kYaml);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->parameters_size(), 4);
  EXPECT_EQ(spec->parameters(0).real().min(), 1000.0);
  EXPECT_EQ(spec->parameters(0).real().scale(), v1::ParameterSpec::LOG);
  EXPECT_EQ(spec->parameters(2).name(), "on");
  EXPECT_EQ(spec->parameters(3).categorical().choices(1), "1");
  EXPECT_EQ(spec->parameters(3).categorical().choices(2), "true");
  EXPECT_EQ(spec->seed(), 18446744073709551615u);
  EXPECT_EQ(spec->evaluation().lease_ttl().seconds(), 90);
  EXPECT_EQ(spec->stop().target_loss(), 0.5);

  std::string json = ProtoJson(*spec).dump();
  absl::StatusOr<v1::StudySpec> again = ParseSpec(json);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), spec->SerializeAsString());
  EXPECT_EQ(SpecFingerprint(*again), SpecFingerprint(*spec));
}

TEST(ParseSpec, Errors_NameThePlace) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {{"parameterz: []", "parameterz"},
                        {"{\"parameterz\": []}", "parameterz"},
                        {"parameters: [{name: x, real: {minimum: 0}}]", "minimum"},
                        {"seed: 1\nseed: 2", "'seed' is given twice"},
                        {"seed: [", "line "},
                        {"- a list", "StudySpec"},
                        {"just text", "StudySpec"},
                        {"", "StudySpec"},
                        {"{\"seed\": ", ""},
                        {"goal: SIDEWAYS", "SIDEWAYS"},
                        {"seed: many", "many"},
                        {"stop: {max_steps: 1.5}", "1.5"},
                        {"? [a]\n: 1", "not a text"}};
  for (const Case& test : cases) {
    absl::StatusOr<v1::StudySpec> spec = ParseSpec(test.text);
    EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument) << test.text;
    EXPECT_THAT(std::string(spec.status().message()), HasSubstr(test.message)) << test.text;
  }
}

TEST(ParseSpec, Depth_IsBounded) {
  std::string deep(1000, '[');
  EXPECT_FALSE(ParseSpec("seed: " + deep + std::string(1000, ']')).ok());
  EXPECT_FALSE(ParseSpec("{\"seed\": " + deep + std::string(1000, ']') + "}").ok());
}

TEST(ReadSpec, MissingFile_IsNamed) {
  EXPECT_THAT(std::string(ReadSpec("/no/such/file.yaml").status().message()),
              HasSubstr("/no/such/file.yaml"));
}

TEST(ProtoJson, Integers_AreNumbersBelow2To53) {
  v1::Study study;
  study.set_name("studies/s");
  study.set_evaluations((int64_t{1} << 53) - 1);
  study.mutable_spec()->set_seed(uint64_t{1} << 53);
  study.mutable_counters()->set_lost(-5);
  study.mutable_spec()->add_tensors()->add_shape(784);
  study.mutable_best()->add_parameters()->set_integer(42);
  nlohmann::ordered_json json = ProtoJson(study);
  EXPECT_EQ(json["evaluations"], (int64_t{1} << 53) - 1);
  EXPECT_EQ(json["spec"]["seed"], "9007199254740992");
  EXPECT_EQ(json["counters"]["lost"], -5);
  EXPECT_EQ(json["spec"]["tensors"][0]["shape"][0], 784);
  EXPECT_EQ(json["best"]["parameters"][0]["integer"], 42);
  EXPECT_EQ(json["step"], 0) << "defaults are there";
  EXPECT_EQ(json["trajectoryDigest"], "");
}

TEST(ProtoJson, Text_IsLeftAlone) {
  v1::Study study;
  study.set_display_name("12345");
  (*study.mutable_labels())["a"] = "17";
  study.mutable_create_time()->set_seconds(12);
  nlohmann::ordered_json json = ProtoJson(study);
  EXPECT_EQ(json["displayName"], "12345");
  EXPECT_EQ(json["labels"]["a"], "17");
  EXPECT_EQ(json["createTime"], "1970-01-01T00:00:12Z");
}

TEST(LeaseTicket, PrintedToken_IsReadBack) {
  LeaseTicket ticket{"studies/s", std::string("\0\xff token", 8), 12, 34};
  std::string text = FormatTicket(ticket);
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(text, &bytes));
  for (const std::string& form :
       {text, absl::BytesToHexString(bytes), absl::WebSafeBase64Escape(bytes)}) {
    absl::StatusOr<LeaseTicket> read = ParseTicket(form, "studies/s", {}, {});
    ASSERT_TRUE(read.ok()) << form << read.status();
    EXPECT_EQ(read->token, ticket.token);
    EXPECT_EQ(read->step, 12);
    EXPECT_EQ(read->index, 34u);
  }
  EXPECT_FALSE(ParseTicket(text, "studies/other", {}, {}).ok());
}

TEST(LeaseTicket, ServersToken_NeedsStepAndIndex) {
  EXPECT_FALSE(ParseTicket("AAAA", "studies/s", {}, {}).ok());
  absl::StatusOr<LeaseTicket> ticket = ParseTicket("AAECAw==", "studies/s", 5, 6);
  ASSERT_TRUE(ticket.ok());
  EXPECT_EQ(ticket->token, std::string("\0\1\2\3", 4));
  EXPECT_EQ(ParseTicket("00010203", "studies/s", 5, 6)->token, ticket->token);
  EXPECT_FALSE(ParseTicket("!!", "studies/s", 5, 6).ok());
  EXPECT_FALSE(ParseTicket("AAAA", "studies/s", 5, -1).ok());
  EXPECT_FALSE(ParseTicket("AAAA", "studies/s", 5, int64_t{1} << 32).ok());
}

TEST(SpecFingerprint, Stop_IsNoPartOfIt) {
  v1::StudySpec spec = *ParseSpec(kYaml);
  std::string fingerprint = SpecFingerprint(spec);
  spec.mutable_stop()->set_max_steps(9);
  EXPECT_EQ(SpecFingerprint(spec), fingerprint);
  spec.set_seed(1);
  EXPECT_NE(SpecFingerprint(spec), fingerprint);
}

TEST(ShellQuoted, Words) {
  EXPECT_EQ(ShellQuoted("a-b_c/d.e=1"), "a-b_c/d.e=1");
  EXPECT_EQ(ShellQuoted("{x}"), "'{x}'");
  EXPECT_EQ(ShellQuoted("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellQuoted(""), "''");
}

ProgressFacts Facts(int64_t evaluations, double rate) {
  ProgressFacts facts;
  facts.study.set_evaluations(evaluations);
  facts.study.set_step(evaluations / 10);
  facts.evaluations_per_s = rate;
  return facts;
}

TEST(ProgressLine, KnownEnd_HasBarShareAndTime) {
  ProgressFacts facts = Facts(250, 50);
  facts.study.mutable_spec()->mutable_stop()->set_max_evaluations(1000);
  facts.study.mutable_best()->set_loss(0.25);
  EXPECT_EQ(ProgressLine(facts, 120),
            "[######------------------]  25% | best 0.25 | 250/1000 evaluations | 50/s | ETA 0:15");
  EXPECT_EQ(ProgressLine(facts, 0), "best 0.25 | 250/1000 evaluations | 50/s | ETA 0:15");
  EXPECT_EQ(ProgressLine(facts, 20).size(), 19u);
}

TEST(ProgressLine, UnknownEnd_HasNeither) {
  EXPECT_EQ(ProgressLine(Facts(0, 0), 80), "best - | 0 evaluations | 0.0/s");
}

TEST(ProgressLine, Steps_GiveTheShareToo) {
  ProgressFacts facts = Facts(100, 10);
  facts.study.mutable_spec()->mutable_stop()->set_max_steps(40);
  EXPECT_EQ(ShareDone(facts), 0.25);
  EXPECT_THAT(ProgressLine(facts, 0), HasSubstr("step 10/40 | 10/s | ETA 0:30"));
  facts.study.mutable_spec()->mutable_stop()->set_max_evaluations(125);
  EXPECT_EQ(ShareDone(facts), 0.8) << "the nearest end counts";
}

TEST(StudyText, Pages_HaveWhatPeopleLookFor) {
  v1::Study study;
  study.set_name("studies/s");
  study.set_state(v1::Study::PAUSED);
  study.set_state_reason("too many failures");
  EXPECT_THAT(StudyPage(study), HasSubstr("PAUSED: too many failures"));
  EXPECT_THAT(StudyRow(study), HasSubstr("  -\n"));
  study.mutable_best()->set_loss(0.1);
  v1::ParameterValue* value = study.mutable_best()->add_parameters();
  value->set_name("on");
  value->set_boolean(true);
  EXPECT_THAT(StudyPage(study), HasSubstr("best loss    0.1 (step"));
  study.mutable_best()->set_violation(0.25);
  EXPECT_THAT(StudyPage(study), HasSubstr("best loss    0.1, violation 0.25 (step"));
  EXPECT_THAT(StudyPage(study), HasSubstr("on = true"));
}

}  // namespace
}  // namespace polystep::cli
