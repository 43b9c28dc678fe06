package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	t.Parallel()
	const (
		goReport = `{"Action":"start","Package":"a"}
{"Action":"output","Package":"a","Test":"TestOne","Output":"{\"testResults\":[]}"}
{"Action":"pass","Package":"a","Test":"TestOne/sub"}
{"Action":"pass","Package":"a","Test":"TestOne"}
{"Action":"skip","Package":"a","Test":"TestTwo"}
{"Action":"pass","Package":"a"}
`
		goFailure = `{"Action":"fail","Package":"b","Test":"TestThree"}
{"Action":"fail","Package":"b"}
`
		goBroken = `{"ImportPath":"c","Action":"build-fail"}
{"Action":"fail","Package":"c","FailedBuild":"c"}
`
		vitestReport = `{"numTotalTests":3,"success":false,"testResults":[
{"status":"passed","assertionResults":[{"status":"passed"},{"status":"todo"}]},
{"status":"failed","assertionResults":[{"status":"failed"},{"status":"passed"}]},
{"status":"failed","assertionResults":[]}]}`
	)
	tests := map[string]struct {
		report string
		stages []string
		want   count
		says   string
	}{
		"Go passes":                     {report: goReport, stages: []string{"test-go=ok:REPORT"}, want: count{passed: 2, skipped: 1}},
		"Go fails in one test":          {report: goReport + goFailure, stages: []string{"test-go=failed:REPORT"}, want: count{passed: 2, failed: 1, skipped: 1}},
		"Go does not build":             {report: goReport + goBroken, stages: []string{"test-go=failed:REPORT"}, want: count{passed: 2, failed: 1, skipped: 1}},
		"Vitest, one file unloadable":   {report: vitestReport, stages: []string{"e2e=failed:REPORT"}, want: count{passed: 2, failed: 2, skipped: 1}},
		"two stages with one report":    {report: goReport, stages: []string{"test-go=ok:REPORT", "e2e=ok:REPORT"}, want: count{passed: 4, skipped: 2}},
		"a stage without tests fails":   {report: goReport, stages: []string{"lint=failed", "test-go=ok:REPORT"}, want: count{passed: 2, failed: 1, skipped: 1}},
		"a stage without tests passes":  {report: goReport, stages: []string{"lint=ok"}},
		"the report is absent":          {stages: []string{"test-go=ok:absent.json"}, want: count{failed: 1}, says: "cannot be read"},
		"the report is cut":             {report: goReport + `{"Action":`, stages: []string{"test-go=failed:REPORT"}, want: count{passed: 2, failed: 1, skipped: 1}, says: "cannot be read"},
		"no test ran":                   {report: `{"Action":"pass","Package":"a"}`, stages: []string{"test-go=ok:REPORT"}, want: count{failed: 1}, says: "ran no tests"},
		"all pass and the stage failed": {report: goReport, stages: []string{"test-go=failed:REPORT"}, want: count{passed: 2, failed: 1, skipped: 1}, says: "none of its tests did"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "report.json")
			if err := os.WriteFile(path, []byte(test.report), 0o600); err != nil {
				t.Fatal(err)
			}
			var stages []string
			for _, stage := range test.stages {
				stages = append(stages, strings.Replace(stage, "REPORT", path, 1))
			}
			var out strings.Builder
			got, err := tally(stages, &out)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if !strings.Contains(out.String(), test.says) || (test.says == "") != (out.String() == "") {
				t.Errorf("it says %q, want %q in it", out.String(), test.says)
			}
		})
	}
}
