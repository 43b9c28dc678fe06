package simulator

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// organise makes what there is: services in layers, resources, clusters, and who needs what.
func (b *builder) organise() {
	s := b.shape
	b.words = vocabularyOf(s.Tongue)
	for i := range s.Teams {
		b.teams = append(b.teams, fmt.Sprintf(b.words.teams, b.words.areas[i%len(b.words.areas)])+suffix(i/len(b.words.areas)))
	}
	for i := range 6 * s.Teams {
		b.people = append(b.people, b.words.people[i%len(b.words.people)]+suffix(i/len(b.words.people)))
	}
	for r := range max(len(s.Regions), 1) {
		for c := range s.Clusters {
			name := "cluster" + suffix(r*s.Clusters+c)
			if len(s.Regions) > 0 {
				name = s.Regions[r] + "-" + string(rune('a'+c))
			}
			b.clusters = append(b.clusters, r*s.Clusters+c)
			b.nodes = append(b.nodes, node{name: name, ref: "resource:" + name, kind: "cluster", team: 0, busy: 1})
		}
	}
	clusters := b.nodes
	b.nodes = nil
	used := map[string]bool{}
	for i := range s.Services {
		area, role := b.words.areas[i%len(b.words.areas)], b.words.roles[(i/len(b.words.areas))%len(b.words.roles)]
		name := area + "-" + role
		for n := 2; used[name]; n++ {
			name = fmt.Sprintf("%s-%s-%d", area, role, n)
		}
		used[name] = true
		layer := i * s.Layers / s.Services
		n := node{name: name, ref: "service:" + name, kind: "service", team: b.rand.IntN(s.Teams), tier: min(layer, 3), facing: layer == 0, topics: topics(b, area, role)}
		n.busy = math.Exp(0.8*b.rand.NormFloat64() - 0.32) // its mean is one
		n.release = [2]int{1 + b.rand.IntN(4), b.rand.IntN(60)}
		if s.Clusters > 1 && b.chance(0.7) {
			for r := range max(len(s.Regions), 1) {
				n.cluster = append(n.cluster, r*s.Clusters+b.rand.IntN(s.Clusters))
			}
		}
		b.nodes = append(b.nodes, n)
	}
	b.services = s.Services
	// The last are the first of a layer that nothing depends on; who stands low is needed by more.
	for i := range s.Services {
		layer := i * s.Layers / s.Services
		below := (layer + 1) * s.Services / s.Layers
		if below >= s.Services {
			continue
		}
		for range 1 + b.poisson(1.6) {
			b.need(i, below+int(float64(s.Services-below)*math.Pow(b.rand.Float64(), 1.5)))
		}
	}
	if s.Hub {
		hub := s.Services / 2
		b.nodes[hub].busy = 6
		for i := range s.Services {
			if i < hub && b.chance(0.8) {
				b.need(i, hub)
			} else if i > hub && b.chance(0.8) {
				b.need(hub, i)
			}
		}
	}
	for r := range int(math.Ceil(s.Resources * float64(s.Services))) {
		name := fmt.Sprintf("%s-%s", b.words.areas[r%len(b.words.areas)], b.words.stores[r/len(b.words.areas)%len(b.words.stores)])
		for used[name] {
			name += "-x"
		}
		used[name] = true
		at := len(b.nodes)
		b.nodes = append(b.nodes, node{name: name, ref: "resource:" + name, kind: "resource", team: b.rand.IntN(s.Teams), busy: 0.4, topics: []string{strings.ReplaceAll(name, "-", "_")}})
		for range 1 + b.poisson(1.2) {
			b.need(b.rand.IntN(s.Services), at)
		}
	}
	for i := range b.clusters {
		b.clusters[i] = len(b.nodes)
		b.nodes = append(b.nodes, clusters[i])
	}
}

func suffix(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n + 1)
}

func (b *builder) need(from, to int) {
	if from == to || slices.ContainsFunc(b.nodes[from].needs, func(e edge) bool { return e.to == to }) {
		return
	}
	hard := 0.25 + 0.7*b.rand.Float64()
	declared := b.chance(b.shape.Described)
	b.nodes[from].needs = append(b.nodes[from].needs, edge{to, hard, declared})
	b.nodes[to].neededBy = append(b.nodes[to].neededBy, edge{from, hard, declared})
}

// describe writes what the organisation tells of itself.
func (b *builder) describe() string {
	var text strings.Builder
	for _, team := range b.teams {
		fmt.Fprintf(&text, "---\nkind: team\nname: %s\n", team)
	}
	for i := range b.nodes {
		n := &b.nodes[i]
		if n.kind != "service" {
			fmt.Fprintf(&text, "---\nkind: resource\nname: %s\n", n.name)
			continue
		}
		fmt.Fprintf(&text, "---\nname: %s\nowner: %s\ntier: %d\n", n.name, b.teams[n.team], n.tier)
		if n.facing {
			text.WriteString("user_facing: true\n")
		}
		var needs []string
		for _, e := range n.needs {
			if e.declared {
				needs = append(needs, strings.TrimPrefix(b.nodes[e.to].ref, "service:"))
			}
		}
		if needs != nil {
			fmt.Fprintf(&text, "depends_on: [%s]\n", strings.Join(needs, ", "))
		}
	}
	return text.String()
}

// steps tells how far a node is from the nearest of some others along declared dependencies: down those that they need,
// up those that need them, through at most limit of them; beside are nodes that need a resource which those need.
func (b *builder) steps(from []int, limit int) (down, up, beside map[int]int) {
	walk := func(next func(*node) []edge) map[int]int {
		at := map[int]int{}
		near := slices.Clone(from)
		for _, n := range near {
			at[n] = 0
		}
		for step := 1; step <= limit; step++ {
			var far []int
			for _, n := range near {
				for _, e := range next(&b.nodes[n]) {
					if _, seen := at[e.to]; !seen && e.declared {
						at[e.to] = step
						far = append(far, e.to)
					}
				}
			}
			near = far
		}
		return at
	}
	down = walk(func(n *node) []edge { return n.needs })
	up = walk(func(n *node) []edge { return n.neededBy })
	beside = map[int]int{}
	for _, n := range from {
		for _, e := range b.nodes[n].needs {
			if b.nodes[e.to].kind == "resource" && e.declared {
				for _, other := range b.nodes[e.to].neededBy {
					if other.declared {
						beside[other.to] = 2
					}
				}
			}
		}
	}
	return down, up, beside
}
