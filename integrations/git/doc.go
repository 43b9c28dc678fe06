// Package git watches one Git repository: what reaches its main branch, and its tags.
//
// A commit on the first-parent history of the main branch, a merge or a plain one, is an event of kind merge; a tag is
// an event of kind release. The keys of both come from Git's own names, so that looking again, rewritten history and
// a lost cursor double nothing.
//
// A path is read where it lies and never written to. A URL is fetched into a bare mirror of its one branch and its
// tags. Both go through the git program (2.31 or newer), never through a shell: see docs/adr/0011-git-program.md.
//
// Sources of the formats: git-log(1) with -z and --numstat, git-for-each-ref(1), and the commit messages that GitHub,
// GitLab, Bitbucket, Azure DevOps and Gitea write when they merge. Imports: catalog, change, fault, integration and the
// standard library.
package git
