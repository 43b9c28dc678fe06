package aws_test

import (
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/aws"
)

func mapping() integration.Mapping {
	return integration.Mapping{
		Services:     map[string]string{"ecs/prod/payments-api": "payments", "resize": "images", "alarm/queue-age": "orders"},
		Environments: map[string]string{"prod": "production", "111122223333": "staging", "live": "production"},
	}
}

func config() *aws.Config {
	c := &aws.Config{Mapping: mapping()}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: aws.Spec, Config: func() integration.Config { return config() }, Unsigned: true,
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			d.Header.Set("X-Tidings-Token", secret)
		},
		Lives: [][]string{
			{"ecs-started", "ecs-completed", "call-update-service"}, {"alarm-event-firing", "alarm-event-ok"},
		},
	})
}

func FuzzDecode(f *testing.F) {
	for _, pattern := range []string{"testdata/*.txtar", "testdata/sns/*.txtar"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			f.Add(integrationtest.Seed(f, name).Body)
		}
	}
	source, err := config().Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		integrationtest.Fuzz(t, source, integration.Delivery{Body: body})
		source.(integration.Sparing).Spare(body)
	})
}
