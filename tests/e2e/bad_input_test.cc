// Every malformed spec and call has a row: what is sent, the code, and a part of the message. After
// each one the server answers a good call.
#include <gmock/gmock.h>

#include "google/rpc/status.pb.h"
#include "tests/e2e/bad_input_rows.h"

namespace polystep {
namespace {

using ::testing::HasSubstr;
using Code = grpc::StatusCode;

class BadInputTest : public ServiceTest {
 protected:
  void SetUp() override {
    ServiceTest::SetUp();
    v1::CreateStudyRequest small = SmallStudy("small", 5);
    small.mutable_study()->mutable_spec()->mutable_evaluation()->set_non_finite(
        v1::EvaluationPolicy::REJECT);
    Create(small);
    Create(SmallStudy("other", 5));
    world_ = {stubs_.get(), Ask("studies/small").lease()};
    ASSERT_GT(world_.lease.count(), 0u);
  }

  void Run(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      SCOPED_TRACE(row.name);
      grpc::Status status = row.send(world_);
      EXPECT_EQ(status.error_code(), row.code) << status.error_message();
      EXPECT_THAT(status.error_message(), HasSubstr(row.text));
      if (std::string(row.field) != "-") ExpectDetails(row, status);
      EXPECT_EQ(Get("studies/small").state(), v1::Study::ACTIVE) << "the server lives on";
    }
  }

  void ExpectDetails(const Row& row, const grpc::Status& status) {
    google::rpc::Status details;
    ASSERT_TRUE(details.ParseFromString(status.error_details()));
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad_request;
    for (const auto& any : details.details()) {
      any.UnpackTo(&info);
      any.UnpackTo(&bad_request);
    }
    EXPECT_EQ(info.domain(), "polystep");
    EXPECT_NE(info.reason(), "");
    EXPECT_EQ(row.code == Code::INVALID_ARGUMENT, bad_request.field_violations_size() == 1)
        << status.error_message();
    if (*row.field == 0 || bad_request.field_violations_size() != 1) return;
    EXPECT_EQ(bad_request.field_violations(0).field(), row.field);
  }

  World world_;
};

TEST_F(BadInputTest, MalformedParameters_AreRefusedByField) { Run(ParameterRows()); }
TEST_F(BadInputTest, MalformedPolicies_AreRefusedByField) { Run(PolicyRows()); }
TEST_F(BadInputTest, MalformedStudyCalls_AreRefused) { Run(StudyRows()); }
TEST_F(BadInputTest, MalformedAsks_AreRefused) { Run(AskRows()); }
TEST_F(BadInputTest, MalformedTells_AreRefused) { Run(TellRows()); }
TEST_F(BadInputTest, MalformedMessages_AreRefusedByTheTransport) { Run(WireRows()); }

TEST_F(BadInputTest, AfterAllOfIt_TheStudyStillEnds) {
  Run(ParameterRows());
  Run(TellRows());
  Tell(Evaluate("studies/small", world_.lease));
  RunToEnd("studies/small");
  EXPECT_EQ(Get("studies/small").state(), v1::Study::SUCCEEDED);
}

}  // namespace
}  // namespace polystep
