package launchdarkly

// entry is one entry of the audit log.
type entry struct {
	ID          string   `json:"_id"`
	Date        int64    `json:"date"` // milliseconds
	Kind        string   `json:"kind"`
	Name        string   `json:"name"`
	Description string   `json:"description"` // Markdown
	Comment     string   `json:"comment"`
	TitleVerb   string   `json:"titleVerb"`
	Accesses    []access `json:"accesses"`
	Member      *member  `json:"member"`
	Token       *named   `json:"token"`
	App         *named   `json:"app"`
	Subject     *named   `json:"subject"`
	Links       links    `json:"_links"`
	Target      target   `json:"target"`
	// Versions of a flag stand in what is delivered, and not in the list. Of one that was deleted there is the previous only.
	CurrentVersion  *flag `json:"currentVersion"`
	PreviousVersion *flag `json:"previousVersion"`
}

// flag is what is read of a flag: which services it is of, as far as it says.
type flag struct {
	CustomProperties map[string]property `json:"customProperties"` // by key
}

type property struct {
	Value []string `json:"value"`
}

type access struct {
	Action   string `json:"action"`
	Resource string `json:"resource"` // proj/shop;tag:env/production:flag/checkout-v2;tag,tag
}

type member struct {
	Email     string `json:"email"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

type named struct {
	Name string `json:"name"`
}

type links struct {
	Site href `json:"site"`
}

type href struct {
	Href string `json:"href"`
}

type target struct {
	Links     links    `json:"_links"`
	Resources []string `json:"resources"`
}
