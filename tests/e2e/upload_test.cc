// Uploaded start values against a whole server, over gRPC and the C++ client.
#include <gmock/gmock.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "client/cpp/client.h"
#include "tests/e2e/service_fixture.h"

namespace polystep {
namespace {

using ::testing::HasSubstr;

class UploadTest : public ServiceTest {
 protected:
  client::Client Connected() { return client::Client::Connect(server_->address()); }

  static v1::StudySpec From(const std::string& content_id, std::vector<int64_t> shape) {
    v1::StudySpec spec;
    v1::TensorSpec& tensor = *spec.add_tensors();
    tensor.set_name("w");
    tensor.mutable_shape()->Add(shape.begin(), shape.end());
    tensor.mutable_initializer()->set_kind(v1::Initializer::UPLOADED);
    tensor.mutable_initializer()->set_content_id(content_id);
    spec.mutable_optimizer()->set_method(v1::OptimizerSpec::POLYSTEP_BLOCK);
    spec.set_seed(3);
    spec.mutable_stop()->set_max_steps(3);
    return spec;
  }

  // Sends the messages one after the other.
  grpc::Status Send(const std::vector<v1::UploadTensorRequest>& messages,
                    v1::UploadTensorResponse* response) {
    grpc::ClientContext context;
    auto writer = stubs_->studies->UploadTensor(&context, response);
    for (const v1::UploadTensorRequest& message : messages) writer->Write(message);
    writer->WritesDone();
    return writer->Finish();
  }
};

v1::UploadTensorRequest Message(std::vector<int64_t> shape, std::vector<float> values) {
  v1::UploadTensorRequest message;
  message.mutable_shape()->Add(shape.begin(), shape.end());
  message.mutable_values()->Add(values.begin(), values.end());
  return message;
}

TEST_F(UploadTest, LargeTensor_IsTheCenterOfItsStudyAcrossARestart) {
  std::vector<float> values(1'000'001);  // more than one message and one row of the store
  for (size_t i = 0; i < values.size(); ++i) values[i] = 1e-3F * static_cast<float>(i % 1999);
  client::Client client = Connected();
  absl::StatusOr<std::string> id = client.UploadTensor({1'000'001}, values);
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(*client.UploadTensor({1, 1'000'001}, values), *id);
  absl::StatusOr<v1::Study> created = client.CreateStudy("large", From(*id, {1'000'001}), {});
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->spec().tensors(0).initializer().content_id(), *id);
  const std::string digest = created->trajectory_digest();
  auto center = client.GetStudy("large").Solution(v1::GetSolutionRequest::CENTER);
  ASSERT_TRUE(center.ok()) << center.status();
  EXPECT_TRUE(center->tensors[0].values == values);
  server_.reset();
  StartServer();
  client = Connected();
  center = client.GetStudy("large").Solution(v1::GetSolutionRequest::CENTER);
  ASSERT_TRUE(center.ok()) << center.status();
  EXPECT_TRUE(center->tensors[0].values == values);
  EXPECT_EQ(client.GetStudy("large").Get()->trajectory_digest(), digest);
}

TEST_F(UploadTest, BadMessages_AreRefusedByField) {
  struct Row {
    std::vector<v1::UploadTensorRequest> messages;
    const char* field;
    const char* text;
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Row& row : {
           Row{{}, "shape", "is required"},
           Row{{Message({}, {1})}, "shape", "has 0 dimensions"},
           Row{{Message({1, 1, 1, 1, 1, 1, 1, 1, 1}, {1})}, "shape", "has 9 dimensions"},
           Row{{Message({2, 0}, {})}, "shape[1]", "is 0"},
           Row{{Message({-1}, {})}, "shape[0]", "is -1"},
           Row{{Message({10'000'001}, {})}, "shape", "more than 10000000"},
           Row{{Message({int64_t{1} << 40, int64_t{1} << 40}, {})}, "shape", "more than 10000000"},
           Row{{Message({2}, {1}), Message({2}, {1})}, "shape", "first message"},
           Row{{Message({2}, {1, 2, 3})}, "values", "more than the 2"},
           Row{{Message({3}, {1, 2})}, "values", "are 2, the shape has 3"},
           Row{{Message({2}, {1}), Message({}, {nan})}, "values[1]", "finite"},
       }) {
    v1::UploadTensorResponse response;
    grpc::Status status = Send(row.messages, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(std::string(row.field) + ": "));
    EXPECT_THAT(status.error_message(), HasSubstr(row.text));
  }
}

TEST_F(UploadTest, Messages_MayBeCutAnywhere) {
  v1::UploadTensorResponse whole, cut;
  ASSERT_TRUE(Send({Message({2, 2}, {1, 2, 3, 4})}, &whole).ok());
  ASSERT_TRUE(
      Send({Message({4}, {}), Message({}, {1, 2, 3}), Message({}, {}), Message({}, {4})}, &cut)
          .ok());
  EXPECT_EQ(whole.content_id(), cut.content_id());
  EXPECT_EQ(whole.content_id().size(), 32u);
  EXPECT_GT(cut.expire_time().seconds(), 0);
}

}  // namespace
}  // namespace polystep
