package aws

import (
	"cmp"
	"context"
	"hash/fnv"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/observe"
)

const functionsPath = "/2015-03-31/functions"

// lambda asks Lambda, at its pace.
func (p *place) lambda(ctx context.Context, operation, path string, query url.Values, into any) error {
	if err := p.pace.Wait(ctx); err != nil {
		return err
	}
	return p.get(ctx, "lambda", operation, functionsPath+path+"?"+query.Encode(), into)
}

// seeLambda looks at every function, its aliases, and the versions that they lead to.
func (p *place) seeLambda(ctx context.Context, mark func(string) string, to observe.Sink) error {
	used := map[string]bool{}
	there := map[string]bool{}
	err := pages(ctx, func(token string) (string, error) {
		var answer listFunctions
		if err := p.lambda(ctx, "ListFunctions", "/", query("MaxItems", "50", "Marker", token), &answer); err != nil {
			return "", err
		}
		for i := range answer.Functions {
			w := &answer.Functions[i]
			if w.ARN == "" || w.Name == "" {
				continue
			}
			there[w.ARN] = true
			if err := p.function(ctx, w, mark, used, to); err != nil {
				return "", err
			}
		}
		return answer.Next, nil
	})
	if err == nil {
		prune(p.versions, used)
		prune(p.bare, there)
	}
	return err
}

func (p *place) function(ctx context.Context, w *wireFunction, mark func(string) string, used map[string]bool, to observe.Sink) error {
	s := &state{
		ARN: integration.Line(w.ARN), Name: integration.Line(w.Name), Account: accountOf(w.ARN), Region: cmp.Or(regionOf(w.ARN), p.region), Tags: p.tags[w.ARN],
		Function: &function{version: w.read(mark), Versions: map[string]version{}},
	}
	if err := p.aliases(ctx, w, s.Function); err != nil {
		return err
	}
	slices.SortFunc(s.Function.Aliases, func(a, b alias) int { return cmp.Compare(a.Name, b.Name) })
	places := []string{}
	for _, a := range s.Function.Aliases {
		places = append(places, a.Name)
		for _, v := range a.versions() {
			if v == "" || v == "$LATEST" {
				continue
			}
			of, err := p.version(ctx, w.ARN, w.Name, v, mark)
			if err != nil {
				return err
			}
			used[w.ARN+":"+v] = true
			s.Function.Versions[v] = of
		}
	}
	s.place(p.config, "lambda", w.Name, append(places, s.Account)...)
	return s.put(to, p.collection(lookLambda))
}

// barely is at which of how many looks a function is asked for its aliases that had none.
const barely = 10

// aliases reads those of a function. Most functions have none, and are asked seldom.
func (p *place) aliases(ctx context.Context, w *wireFunction, f *function) error {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(w.ARN))
	if p.bare[w.ARN] && (int(sum.Sum32()%barely)+p.turn)%barely != 0 {
		return nil
	}
	err := pages(ctx, func(token string) (string, error) {
		var answer listAliases
		err := p.lambda(ctx, "ListAliases", "/"+url.PathEscape(w.Name)+"/aliases", query("MaxItems", "50", "Marker", token), &answer)
		for _, a := range answer.Aliases {
			if len(f.Aliases) < mostAliases {
				f.Aliases = append(f.Aliases, alias{
					Name: integration.Line(a.Name), Version: integration.Line(a.Version), Weights: a.Routing.Weights, Revision: integration.Line(a.Revision),
					Environment: p.config.EnvironmentAt(a.Name),
				})
			}
		}
		return answer.Next, err
	})
	p.bare[w.ARN] = err == nil && len(f.Aliases) == 0
	return err
}

// versions are those that an alias leads to.
func (a *alias) versions() []string {
	list := []string{a.Version}
	for v := range a.Weights {
		list = append(list, v)
	}
	slices.Sort(list)
	return list
}

// version reads a published version, once.
func (p *place) version(ctx context.Context, arn, name, number string, mark func(string) string) (version, error) {
	if known, ok := p.versions[arn+":"+number]; ok {
		return known, nil
	}
	var w wireFunction
	if err := p.lambda(ctx, "GetFunctionConfiguration", "/"+url.PathEscape(name)+"/configuration", query("Qualifier", number), &w); err != nil {
		return version{}, err
	}
	v := w.read(mark)
	p.versions[arn+":"+number] = v
	return v, nil
}

// read keeps of a function what is compared. Values of variables leave it as fingerprints.
func (w *wireFunction) read(mark func(string) string) version {
	v := version{Code: integration.Line(w.Code), Modified: integration.Line(w.Modified), Runtime: integration.Line(w.Runtime), Settings: map[string]string{}}
	var layers []string
	for _, l := range w.Layers {
		layers = append(layers, l.ARN[strings.LastIndex(l.ARN, ":layer:")+1:])
	}
	for name, value := range map[string]string{
		"handler": w.Handler, "memory": number(w.Memory), "timeout": number(w.Timeout), "role": last(w.Role), "package": w.Package,
		"architecture": strings.Join(w.Architectures, ", "), "layers": strings.Join(layers, ", "), "storage": number(w.Storage.Size),
		"subnets": strings.Join(w.Network.Subnets, ", "), "security_groups": strings.Join(w.Network.Groups, ", "),
	} {
		if value != "" {
			v.Settings[name] = integration.Line(value)
		}
	}
	n := 0
	for _, name := range slices.Sorted(maps.Keys(w.Environment.Variables)) {
		if n++; n <= mostVariables {
			v.Settings[variables+integration.Line(name)] = mark(w.Environment.Variables[name])
		}
	}
	return v
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// query is one of pairs, without those that are empty.
func query(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}
